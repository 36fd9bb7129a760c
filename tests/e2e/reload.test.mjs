// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// A real server behind one `listen` socket, asked all the time while its instances are replaced and
// its daemon dies.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const port = 3000;
const perSecond = 200;
const reloads = Number(process.env.PMDAEMON_RELOADS ?? 4); // 20, where there is time
const home = mkdtempSync(join(tmpdir(), 'pmdaemon-reload-'));

const nodeServer = `
    const server = require('node:http').createServer((request, response) => {
        setTimeout(() => response.end(String(process.pid)), 5); // so that a reload meets some half-way
    });
    server.listen({ fd: 3 }, () => process.send('ready'));
    process.on('SIGTERM', () => server.close(() => process.exit(0)));`;

const pythonServer = `
import http.server, os, signal, socket, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
assert os.environ['LISTEN_PID'] == str(os.getpid())
assert os.environ['LISTEN_FDNAMES'] == '${port}'
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler, bind_and_activate=False)
server.socket.close()
server.daemon_threads = False # those who are being answered are answered to the end
server.socket = socket.socket(fileno=3)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    manager.connect(os.environ['NOTIFY_SOCKET'].replace('@', chr(0), 1))
    manager.send(b'READY=1')
server.serve_forever(poll_interval=0.01)
server.server_close()`;

function pmdaemon(...args) {
    const { status, stdout, stderr } = spawnSync(process.env.PMDAEMON, ['--home', home, ...args],
                                                 { cwd: home, encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
}

async function run(...args) {
    const child = spawn(process.env.PMDAEMON, ['--home', home, ...args], { cwd: home });
    let complaint = '';
    child.stderr.on('data', (text) => { complaint += text; });
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, `${args.join(' ')}: ${complaint}`);
}

function entries(name) {
    return JSON.parse(pmdaemon('list', '--json')).filter((entry) => entry.app === name);
}

function ask() {
    return new Promise((resolve, reject) => {
        http.get({ port, host: '127.0.0.1', agent: false, timeout: 20_000 }, (response) => {
            let body = '';
            response.on('data', (text) => { body += text; });
            response.on('end', () => resolve(body));
            response.on('error', reject);
        }).on('error', reject);
    });
}

/** Asks at an even rate until stop(), which tells who answered how often and what failed. */
class Crowd {
    answers = new Map();
    failures = [];
    #pending = new Set();
    #begin = Date.now();
    #asked = 0;

    constructor() {
        this.timer = setInterval(() => {
            for (const due = (Date.now() - this.#begin) * perSecond / 1000; this.#asked < due; ++this.#asked) {
                const asked = ask().then((pid) => this.answers.set(pid, (this.answers.get(pid) ?? 0) + 1),
                                         (error) => this.failures.push(error.code ?? error.message))
                    .finally(() => this.#pending.delete(asked));
                this.#pending.add(asked);
            }
        }, 5);
    }

    async stop() {
        clearInterval(this.timer);
        await Promise.all(this.#pending);
        return { asked: this.#asked, failures: this.failures, pids: this.answers };
    }
}

before(() => {
    writeFileSync(join(home, 'server.js'), nodeServer);
    writeFileSync(join(home, 'server.py'), pythonServer);
    writeFileSync(join(home, 'slow.js'), nodeServer.replace("process.send('ready')", '0'));
    for (const script of ['server.js', 'server.py', 'slow.js']) {
        writeFileSync(join(home, `${script}.json`), JSON.stringify({
            apps: [{ name: 'web', script, instances: 2, listen: port, wait_ready: true, kill_timeout: '20s',
                     listen_timeout: script === 'slow.js' ? 100 : '20s' }],
        }));
    }
});

after(() => {
    pmdaemon('kill', '--all');
    rmSync(home, { recursive: true, force: true });
});

for (const script of ['server.js', 'server.py']) {
    test(`${reloads} reloads of ${script} lose no request`, async () => {
        pmdaemon('start', `${script}.json`);
        const crowd = new Crowd();
        for (let reload = 0; reload < reloads; ++reload) {
            await run('reload', 'web');
        }
        const { asked, failures, pids } = await crowd.stop();
        assert.deepEqual(failures, []);
        assert.ok(pids.size > reloads, `${asked} requests, answered by ${pids.size} processes`);
        pmdaemon('delete', '-f', 'web');
        await assert.rejects(ask()); // the socket is gone with the app
    });
}

test('neither a crash of the instances nor of the daemon refuses a connection', async () => {
    pmdaemon('start', 'server.js.json');
    const crowd = new Crowd();
    const instances = entries('web');
    const { pid: daemon } = JSON.parse(readFileSync(join(home, 'run', 'daemon.json'), 'utf8'));
    process.kill(daemon, 'SIGKILL');
    for (const { pid } of instances) {
        process.kill(pid, 'SIGKILL');
    }
    await run('reload', 'web');
    const { failures } = await crowd.stop();
    // Those whose connection was accepted by an instance that died can be answered by nobody.
    assert.deepEqual(failures.filter((code) => code === 'ECONNREFUSED'), []);
    pmdaemon('delete', '-f', 'web');
});

test('a reload ends at the first instance that does not become ready', async () => {
    pmdaemon('start', 'server.js.json');
    const [first, second] = entries('web');
    const { status, stderr } = spawnSync(process.env.PMDAEMON,
                                         ['--home', home, 'apply', 'slow.js.json'], { cwd: home, encoding: 'utf8' });
    assert.notEqual(status, 0);
    assert.match(stderr, /did not say that it is ready within 100 ms/);
    const now = entries('web');
    assert.notEqual(now[0].pid, first.pid);
    assert.equal(now[1].pid, second.pid); // which still serves as before
    pmdaemon('delete', '-f', 'web');
});

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What PM2's own suites check, asked of us. In front of each test stands which of them it is, below
// test/e2e and test/programmatic of PM2.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';

import { House, until } from './house.mjs';

const house = new House();

before(() => {
    house.write('stay.js', 'console.log("up"); setInterval(() => {}, 1000);');
    house.write('args.js', 'console.log(JSON.stringify(process.argv.slice(2))); setInterval(() => {}, 1000);');
    house.write('throw.js', 'throw new Error("on purpose");');
});
afterEach(() => house.clear());
after(() => house.close());

test('e2e/cli/args: what stands behind -- reaches the script as it is', async () => {
    await house.run('start', 'args.js', '--', '-a', '--name', 'two words', '*');
    await until(async () => (await house.logs('args')).includes('["-a","--name","two words","*"]\n'));
});

test('e2e/cli/multiparam: one command is for several processes', async () => {
    for (const name of ['a', 'b', 'c']) {
        await house.run('start', 'stay.js', '--name', name);
    }
    await house.run('stop', 'a', 'c');
    assert.deepEqual(await house.statuses(), { a: 'stopped', b: 'online', c: 'stopped' });
    await house.run('restart', 'a', (await house.one('b')).id, 'c');
    assert.deepEqual(await house.statuses(), { a: 'online', b: 'online', c: 'online' });
});

test('e2e/cli/operate-regex: a pattern stands for the names that it fits', async () => {
    for (const name of ['echo-1', 'echo-2', 'echo-3', 'other']) {
        await house.run('start', 'stay.js', '--name', name);
    }
    await house.run('delete', '-f', 'echo-*');
    assert.deepEqual(await house.names(), ['other']);
});

test('e2e/cli/right-exit-code: what fails ends with another code than 0', async () => {
    for (const command of ['stop', 'restart', 'delete', 'reload', 'info', 'env']) {
        assert.equal((await house.try(command, 'nobody')).code, 10, command);
    }
    assert.equal((await house.try('start', 'no-such-file.js')).code, 10);
});

test('e2e/cli/smart-start: start is for what is stopped, too, and makes no second one', async () => {
    await house.run('start', 'stay.js', '--name', 'a');
    const { id } = await house.one('a');
    await house.run('stop', 'a');
    await house.run('start', 'a');
    assert.deepEqual((await house.list()).map((entry) => [entry.id, entry.status]), [[id, 'online']]);
    assert.equal((await house.try('start', 'a')).code, 11); // it runs
});

test('e2e/cli/reset: restarts count from 0 again', async () => {
    await house.run('start', 'stay.js', '--name', 'a');
    await house.run('restart', 'a');
    assert.equal((await house.one('a')).restarts, 1);
    await house.run('reset', 'a');
    assert.equal((await house.one('a')).restarts, 0);
});

test('e2e/cli/resurrect, dump: what was saved comes back, stopped or not', async () => {
    await house.run('start', 'stay.js', '--name', 'a', '--instances', '2');
    await house.run('save');
    await house.clear();
    await house.run('resurrect');
    assert.deepEqual(await house.statuses(), { 'a-0': 'online', 'a-1': 'online' });
});

test('e2e/cli/env-refresh, process-file/app-config-update: a reload takes what the file says now', async () => {
    const file = (colour) => ({ apps: [{ name: 'a', script: 'stay.js', env: { COLOUR: colour } }] });
    house.write('app.json', file('red'));
    await house.run('start', 'app.json');
    assert.equal((await house.env('a')).COLOUR, 'red');
    house.write('app.json', file('blue'));
    await house.run('restart', 'a');
    assert.equal((await house.env('a')).COLOUR, 'red'); // a restart changes no definition
    await house.run('reload', 'a');
    assert.equal((await house.env('a')).COLOUR, 'blue');
});

test('e2e/cli/watch, programmatic/watcher: a change restarts it, one that is ignored does not', async () => {
    house.write('watched.json', { apps: [{ name: 'a', script: 'stay.js', watch: true, watch_delay: 1,
                                           ignore_watch: ['home', '*.tmp'] }] });
    await house.run('start', 'watched.json');
    await until(async () => {
        house.write('new.js', String(Date.now()));
        return (await house.one('a')).restarts > 0;
    });
    await house.run('stop', 'a');
    house.write('new.js', 'x');
    assert.equal((await house.one('a')).status, 'stopped');
});

test('e2e/cli/python-support, extra-lang, interpreter: the extension says what runs a script', async () => {
    house.write('a.py', 'import time; print("python", flush=True); time.sleep(1000)');
    house.write('b.sh', 'echo "bash $BASH_VERSION"; exec sleep 1000');
    house.write('c.mjs', 'import fs from "node:fs"; console.log("module", typeof fs); setInterval(() => {}, 1000);');
    for (const [script, name, says] of [['a.py', 'in-python', 'python'], ['b.sh', 'in-bash', 'bash 5'],
                                        ['c.mjs', 'in-node', 'module object']]) {
        await house.run('start', script, '--name', name);
        await until(async () => (await house.logs(name)).startsWith(says));
    }
});

test('e2e/cli/binary, fork: a program needs no interpreter', async () => {
    await house.run('start', 'sleep', '--name', 'a', '--', '1000');
    assert.equal((await house.one('a')).status, 'online');
    await house.run('start', 'sleep 1000', '--name', 'b');
    assert.equal((await house.one('b')).status, 'online');
});

test('e2e/cli/sort: the list is in the order that is asked for', async () => {
    for (const name of ['b', 'c', 'a']) {
        await house.run('start', 'stay.js', '--name', name);
    }
    const rows = (await house.run('list', '--sort', 'name')).split('\n').slice(1, 4);
    assert.deepEqual(rows.map((row) => row.trim().split(/ +/)[1]), ['a', 'b', 'c']);
});

test('e2e/process-file/json-file, homogen-json-action: a file stands for its apps', async () => {
    house.write('both.json', { apps: [{ name: 'a', script: 'stay.js' }, { name: 'b', script: 'stay.js' }] });
    await house.run('start', 'both.json');
    await house.run('start', 'stay.js', '--name', 'other');
    await house.run('stop', 'both.json');
    assert.deepEqual(await house.statuses(), { a: 'stopped', b: 'stopped', other: 'online' });
    await house.run('restart', 'both.json');
    assert.deepEqual(await house.statuses(), { a: 'online', b: 'online', other: 'online' });
    await house.run('delete', '-f', 'both.json');
    assert.deepEqual(await house.names(), ['other']);
});

test('e2e/process-file/yaml-configuration: YAML will do', async () => {
    house.write('app.yaml', 'apps:\n  - name: a\n    script: stay.js\n    env: {N: 1}\n');
    await house.run('start', 'app.yaml');
    assert.equal((await house.env('a')).N, '1');
});

test('e2e/include, programmatic/json_validation: what is wrong in a file is told before anything starts', async () => {
    house.write('wrong.json', { apps: [{ name: 'a', script: 'stay.js' }, { name: 'b', script: 'stay.js', instances: 'x' }] });
    const { code, err } = await house.try('start', 'wrong.json');
    assert.equal(code, 22);
    assert.match(err, /instances/);
    assert.deepEqual(await house.names(), []);
});

test('e2e/internals/wait-ready-event, programmatic/graceful: it is online when it says so', async () => {
    house.write('ready.js', 'setTimeout(() => process.send("ready"), 300); setInterval(() => {}, 1000);');
    const begin = Date.now();
    await house.run('start', 'ready.js', '--wait-ready', '--listen-timeout', '20s');
    assert.ok(Date.now() - begin >= 300);
    assert.equal((await house.one('ready')).status, 'online');
});

test('e2e/internals/listen-timeout: it is not waited for without end', async () => {
    const { code } = await house.try('start', 'stay.js', '--wait-ready', '--listen-timeout', '100');
    assert.equal(code, 41);
    assert.equal((await house.one('stay')).status, 'online');
});

test('e2e/internals/increment-var, misc/instance-number: instances can tell themselves apart', async () => {
    house.write('many.json', { apps: [{ name: 'a', script: 'stay.js', instances: 3, increment_var: 'BASE',
                                        env: { BASE: 3000 } }] });
    await house.run('start', 'many.json');
    const envs = await Promise.all(['a-0', 'a-1', 'a-2'].map((name) => house.env(name)));
    assert.deepEqual(envs.map((env) => env.BASE), ['3000', '3001', '3002']);
    assert.deepEqual(envs.map((env) => env.NODE_APP_INSTANCE), ['0', '1', '2']);
});

test('e2e/infinite-loop: what cannot run is given up', async () => {
    await house.try('start', 'throw.js', '--max-restarts', '3', '--exp-backoff-restart-delay', '0');
    const given = await until(async () => {
        const entry = await house.one('throw');
        return entry.status === 'errored' && entry;
    });
    assert.equal(given.restarts, 3);
    assert.match(given.reason, /gave up after 3 restart/);
});

test('programmatic/exp_backoff_restart_delay: the pauses grow', async () => {
    await house.try('start', 'throw.js', '--name', 'patient', '--max-restarts', '4', '--exp-backoff-restart-delay', '100');
    await until(async () => (await house.one('patient')).status === 'errored');
    const events = JSON.parse(await house.run('events', 'patient', '--json'));
    const times = events.filter(({ event }) => event === 'crashed').map(({ time }) => Date.parse(time));
    const pauses = times.slice(1).map((time, i) => time - times[i]);
    assert.ok(pauses[3] > pauses[1] + 100, `${pauses}`); // 400 ms and 100 ms, each ± 20 %
});

test('programmatic/auto_restart: an end is the end where that is wanted', async () => {
    await house.try('start', 'throw.js', '--no-autorestart');
    await until(async () => (await house.one('throw')).status === 'errored');
    assert.equal((await house.one('throw')).restarts, 0);
    house.write('exit.js', 'process.exit(7)');
    await house.try('start', 'exit.js', '--stop-exit-codes', '7');
    await until(async () => (await house.one('exit')).status === 'stopped');
});

test('e2e/internals/signal, programmatic/signals: the signal that was chosen asks it to stop', async () => {
    house.write('signals.js', `for (const name of ['SIGINT', 'SIGTERM', 'SIGUSR2'])
        process.on(name, () => { console.log('got ' + name); if (name !== 'SIGUSR2') process.exit(0); });
        console.log('up'); setInterval(() => {}, 1000);`);
    await house.run('start', 'signals.js', '--kill-signal', 'SIGINT', '--kill-timeout', '20s');
    await until(async () => (await house.logs('signals')) === 'up\n');
    await house.run('signal', 'SIGUSR2', 'signals');
    await until(async () => (await house.logs('signals')).includes('got SIGUSR2'));
    await house.run('stop', 'signals');
    assert.match(await house.logs('signals'), /got SIGINT\n$/);
});

test('programmatic/graceful: a message asks it to stop', async () => {
    house.write('message.js', `process.on('message', (text) => { console.log('got ' + text); process.exit(0); });
                               console.log('up');`);
    await house.run('start', 'message.js', '--shutdown-with-message', '--kill-timeout', '20s');
    await until(async () => (await house.logs('message')) === 'up\n');
    await house.run('stop', 'message');
    assert.match(await house.logs('message'), /got shutdown\n$/);
});

test('e2e/internals/start-consistency: options and a file mean the same', async () => {
    house.write('same.json', { apps: [{ name: 'a', script: 'stay.js', instances: 1, max_memory_restart: '300M' }] });
    await house.run('start', 'same.json');
    await house.run('start', 'stay.js', '--name', 'b', '--max-memory', '300M');
    const [a, b] = JSON.parse(await house.run('export', '--json')).apps;
    assert.deepEqual({ ...a, name: '' }, { ...b, name: '' });
});

test('e2e/logs/log-custom, log-entire, log-create-not-exist-dir: the output goes where it is told', async () => {
    house.write('talk.sh', 'echo to stdout; echo to stderr >&2; exec sleep 1000');
    await house.run('start', 'talk.sh', '--name', 'a', '--out-file', 'logs/deep/o.log', '--error-file', 'logs/e.log');
    await until(() => house.written('logs/deep/o.log') === 'to stdout\n');
    await until(() => house.written('logs/e.log') === 'to stderr\n');
    await house.run('start', 'talk.sh', '--name', 'b', '--log-file', 'logs/both.log');
    await until(() => house.written('logs/both.log').split('\n').length === 3);
});

test('e2e/logs/log-null: it can be thrown away', async () => {
    await house.run('start', 'stay.js', '--name', 'mute', '--out-file', '/dev/null', '--error-file', '/dev/null');
    assert.equal(await house.logs('mute'), '');
    assert.throws(() => readdirSync(house.path('home/logs')), { code: 'ENOENT' }); // there is nothing to put there
});

test('e2e/logs/log-json, log-namespace: logs are for programs, too, and of a namespace', async () => {
    await house.run('start', 'stay.js', '--name', 'said', '--namespace', 'front');
    await house.run('start', 'stay.js', '--name', 'unsaid', '--namespace', 'back');
    await until(async () => (await house.logs('namespace:front')).includes('up'));
    const lines = JSON.parse(await house.run('logs', 'namespace:front', '--json'));
    assert.deepEqual(lines.map(({ process, message, stream }) => [process, message, stream]), [['said', 'up', 'stdout']]);
});

test('programmatic/flush: log files are emptied while they are written', async () => {
    await house.run('start', 'stay.js');
    await until(async () => (await house.logs('stay')) === 'up\n');
    await house.run('flush', 'stay');
    assert.equal(await house.logs('stay'), '');
});

test('e2e/misc/port-release: a port is free when the process is gone', async () => {
    house.write('server.js', 'require("node:http").createServer().listen(process.env.PORT, "127.0.0.1");');
    const free = () => new Promise((resolve) => {
        const server = net.createServer().once('error', () => resolve(false))
            .listen(4567, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    await house.run('start', 'server.js', '--port', '4567');
    await until(async () => !(await free()));
    await house.run('delete', '-f', 'server');
    assert.ok(await free());
});

test('e2e/misc/cron-system: it is restarted at its times', async () => {
    await house.run('start', 'stay.js', '--cron-restart', '* * * * * *');
    await until(async () => (await house.one('stay')).restarts >= 2);
});

test('e2e/file-descriptor: restarts leave nothing open', async () => {
    await house.run('start', 'stay.js');
    const { pid } = JSON.parse(house.read('home/run/daemon.json'));
    const count = () => readdirSync(`/proc/${pid}/fd`).length;
    await house.run('restart', 'stay');
    const first = count();
    for (let i = 0; i < 5; ++i) {
        await house.run('restart', 'stay');
    }
    assert.ok(count() <= first + 1, `${first} → ${count()}`);
});

test('programmatic/max_memory_limit: who takes too much memory is restarted', async () => {
    house.write('grow.js', 'const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 100);');
    await house.run('start', 'grow.js', '--max-memory', '100M');
    await until(async () => (await house.one('grow')).restarts > 0);
    assert.match(await house.run('events', 'grow'), /memory limit/);
});

test('programmatic/treekill: children end with their parent', async () => {
    house.write('parent.sh', 'sleep 1000 & echo $!; wait');
    await house.run('start', 'parent.sh');
    const child = await until(async () => Number(await house.logs('parent')));
    process.kill(child, 0);
    await house.run('stop', 'parent');
    assert.throws(() => process.kill(child, 0));
});

test('programmatic/namespace: a namespace is a target', async () => {
    await house.run('start', 'stay.js', '--name', 'a', '--namespace', 'front');
    await house.run('start', 'stay.js', '--name', 'b');
    await house.run('stop', 'namespace:front');
    assert.deepEqual(await house.statuses(), { a: 'stopped', b: 'online' });
});

test('programmatic/filter_env: it inherits what it may', async () => {
    house.write('filtered.json', { apps: [{ name: 'a', script: 'stay.js', filter_env: true }] });
    await house.run('start', 'filtered.json');
    assert.equal((await house.env('a')).HOME, undefined);
    assert.ok((await house.env('a')).PATH);
});

test('programmatic/send_data_process: what is sent arrives', async () => {
    house.write('input.js', `require('node:readline').createInterface({ input: process.stdin })
        .on('line', (line) => console.log('got ' + line));`);
    await house.run('start', 'input.js', '--stdin', 'pipe');
    await house.run('send', 'input', 'hello');
    await until(async () => (await house.logs('input')) === 'got hello\n');
});

test('programmatic/instances: the number of instances changes both ways', async () => {
    await house.run('start', 'stay.js', '--name', 'a', '--instances', '2');
    await house.run('scale', 'a', '4');
    assert.deepEqual(await house.names(), ['a-0', 'a-1', 'a-2', 'a-3']);
    await house.run('scale', 'a', '1');
    assert.equal((await house.names()).length, 1);
});

test('programmatic/issue_6089_prototype_pollution: a name can be any word', async () => {
    house.write('proto.json', '{"apps": [{"name": "constructor", "script": "stay.js", "env": {"__proto__": "x"}}]}');
    await house.run('start', 'proto.json');
    assert.match(await house.run('env', 'constructor'), /^__proto__=x$/m);
});

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// A real PM2 with real apps, taken over.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Daemon } from './lib/daemon.mjs';

const pm2 = fileURLToPath(new URL('node_modules/.bin/pm2', import.meta.url));
const daemon = new Daemon();
const home = mkdtempSync(join(tmpdir(), 'pmdaemon-pm2-'));
const env = { ...process.env, PM2_HOME: join(home, 'pm2'), PM2_SKIP_PING: 'true' };

function runPm2(...args) {
    return execFileSync(pm2, args, { cwd: home, env, encoding: 'utf8', timeout: 60_000 });
}

function pmdaemon(...args) {
    const { status, stdout, stderr } = spawnSync(process.env.PMDAEMON, ['--home', daemon.home, ...args],
                                                 { cwd: home, env, encoding: 'utf8', timeout: 60_000 });
    return { status, stdout, stderr };
}

function exported() {
    const { status, stdout, stderr } = pmdaemon('export', '--json');
    assert.equal(status, 0, stderr);
    return Object.fromEntries(JSON.parse(stdout).apps.map((app) => [app.name, app]));
}

before(async () => {
    await daemon.start();
    writeFileSync(join(home, 'server.js'), "console.log('up'); setInterval(() => {}, 1000);\n");
    writeFileSync(join(home, 'ecosystem.config.js'), `
        const common = { script: './server.js', kill_timeout: 3000 };
        module.exports = {
            apps: [
                { ...common, name: 'api', instances: 2, exec_mode: 'fork', env: { COLOUR: 'blue' },
                  env_production: { COLOUR: 'green' }, max_memory_restart: '300M', time: true },
                { name: 'job', script: 'sleep', args: '1000', interpreter: 'none', autorestart: false },
            ],
            deploy: { production: { user: 'node', host: '192.0.2.1' } },
        };`);
});

after(async () => {
    spawnSync(pm2, ['kill'], { env });
    await daemon.destroy();
    rmSync(home, { recursive: true, force: true });
});

test('what PM2 has saved is taken over', () => {
    runPm2('start', 'ecosystem.config.js');
    runPm2('start', 'server.js', '--name', 'solo', '--node-args=--max-old-space-size=64', '--', '--x', '1');
    runPm2('save');

    const twice = pmdaemon('import-pm2');
    assert.equal(twice.status, 1);
    assert.match(twice.stderr, /PM2 is running \(pid \d+\)/);
    runPm2('kill');
    const done = pmdaemon('import-pm2');
    assert.equal(done.status, 0, done.stderr);
    assert.equal(done.stdout, '+ api: added and started\n+ job: added and started\n+ solo: added and started\n');

    const { api, job, solo } = exported();
    assert.deepEqual(api, { name: 'api', script: join(home, 'server.js'), cwd: home, instances: 2,
                            env: { COLOUR: 'blue' }, kill_signal: 'SIGINT', kill_timeout: 3000,
                            max_memory_restart: 300 * 1024 * 1024 });
    assert.deepEqual([job.args, job.autorestart], [['1000'], false]);
    assert.deepEqual([solo.args, solo.interpreter_args], [['--x', '1'], ['--max-old-space-size=64']]);
    const list = JSON.parse(pmdaemon('list', '--json').stdout);
    assert.deepEqual(list.map(({ name, status }) => [name, status]),
                     ['api-0', 'api-1', 'job', 'solo'].map((name) => [name, 'online']));
    assert.equal(pmdaemon('import-pm2').stdout, '= 3 app(s) unchanged\n');
    assert.equal(pmdaemon('delete', '-f', 'all').status, 0);
});

test("PM2's own ecosystem file works unchanged", () => {
    const started = pmdaemon('start', 'ecosystem.config.js', '--env', 'production');
    assert.equal(started.status, 0, started.stderr);
    assert.match(started.stderr, /deploy is PM2's and is ignored/);
    assert.match(started.stderr, /exec_mode has no meaning here/);
    const { api, job } = exported();
    assert.deepEqual(api.env, { COLOUR: 'green' });
    assert.deepEqual([api.instances, api.kill_signal], [2, 'SIGINT']);
    assert.deepEqual(job.args, ['1000']);
    // What it exports is a file that it takes.
    writeFileSync(join(home, 'exported.json'), pmdaemon('export').stdout);
    const same = pmdaemon('diff', 'exported.json');
    assert.match(same.stdout, /would be changed as it runs: config_file/);
});

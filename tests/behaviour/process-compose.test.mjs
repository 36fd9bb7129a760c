// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What process-compose's own tests check, asked of us. In front of each test stands which of them it
// is, below src/app of process-compose.

import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';

import { House, until } from './house.mjs';

const house = new House();

afterEach(() => house.clear());
after(() => house.close());

async function define(...apps) {
    house.write('apps.json', { apps });
    return house.try('apply', 'apps.json');
}

const once = { autorestart: false };

test('system_test, compose chain: each waits until the one before has succeeded', async () => {
    const after = (name) => ({ depends_on: { [name]: { condition: 'completed_successfully' } } });
    await define({ name: 'third', script: 'echo 3 >> order', shell: true, ...once, ...after('second') },
                 { name: 'second', script: 'sleep 0.2; echo 2 >> order', shell: true, ...once, ...after('first') },
                 { name: 'first', script: 'sleep 0.2; echo 1 > order', shell: true, ...once });
    await until(() => house.written('order') === '1\n2\n3\n');
});

test('system_test, failed dependency: who waits for it does not start, and says so', async () => {
    const { code, err } = await define({ name: 'db', script: 'exit 1', shell: true, ...once },
                                       { name: 'web', script: 'sleep 1000',
                                         depends_on: { db: { condition: 'completed_successfully' } } });
    assert.notEqual(code, 0);
    assert.match(err, /waits for db to be completed_successfully, but that has failed/);
    assert.equal((await house.one('web')).pid, null);
});

test('system_test, cycles: they are found and shown', async () => {
    const { code, err } = await define({ name: 'a', script: 'true', depends_on: ['b'] },
                                       { name: 'b', script: 'true', depends_on: ['c'] },
                                       { name: 'c', script: 'true', depends_on: ['a'] });
    assert.equal(code, 22);
    assert.match(err, /a → b → c → a|b → c → a → b|c → a → b → c/);
});

test('probe_restart_test: liveness restarts, readiness does not', async () => {
    const probe = { script: 'false', interval: 100, retries: 2 };
    await define({ name: 'hangs', script: 'sleep 1000', liveness: probe },
                 { name: 'busy', script: 'sleep 1000', readiness: probe });
    await until(async () => (await house.one('hangs')).restarts > 0);
    await until(async () => (await house.one('busy')).health === 'unhealthy');
    assert.equal((await house.one('busy')).restarts, 0);
});

test('process_test, readiness: who depends on it waits for its health', async () => {
    await define({ name: 'db', script: 'sleep 0.5; touch ready; exec sleep 1000', shell: true,
                   readiness: { script: 'test -e ready', interval: 50 } },
                 { name: 'web', script: 'test -e ready && echo in order && exec sleep 1000', shell: true,
                   depends_on: { db: { condition: 'healthy' } } });
    await until(async () => (await house.logs('web')) === 'in order\n');
});

test('process_test, shutdown command: it is asked to end by a command', async () => {
    await define({ name: 'a', script: 'trap "" TERM; while [ ! -e stop-$PMDAEMON_PROCESS_ID ]; do sleep 0.05; done; exit 0',
                   shell: true, stop_command: 'sh -c "touch stop-$PMDAEMON_PROCESS_ID"', kill_timeout: '20s' });
    await house.run('stop', 'a');
    const { status, exit_code: code } = await house.one('a');
    assert.deepEqual([status, code], ['stopped', 0]);
});

test('environment_test: env goes over env_file, and both over what the daemon has', async () => {
    house.write('.env', 'FILE=file\nBOTH=file\nHOME=/elsewhere\n');
    await define({ name: 'a', script: 'sleep 1000', env_file: '.env', env: { BOTH: 'own' } });
    const { FILE: file, BOTH: both, HOME: home } = await house.env('a');
    assert.deepEqual([file, both, home], ['file', 'own', '/elsewhere']);
});

test('project_runner_test, update: only what changed is restarted', async () => {
    const a = { name: 'a', script: 'sleep 1000' };
    await define(a, { name: 'b', script: 'sleep 1000' });
    const [before] = await house.list();
    await define(a, { name: 'b', script: 'sleep 2000' });
    const [first, second] = await house.list();
    assert.equal(first.pid, before.pid);
    assert.equal(second.restarts, 1);
});

test('system_test, scale: instances come and go', async () => {
    await define({ name: 'a', script: 'sleep 1000' });
    await house.run('scale', 'a', 3);
    assert.equal((await house.list()).filter(({ status }) => status === 'online').length, 3);
    await house.run('scale', 'a', 1);
    assert.equal((await house.list()).length, 1);
});

test('restart_pending_regression_test: a stop ends the wait for a restart', async () => {
    await define({ name: 'a', script: 'exit 1', shell: true, restart_delay: '60s' });
    await until(async () => (await house.one('a')).status === 'restarting');
    await house.run('stop', 'a');
    assert.equal((await house.one('a')).status, 'stopped');
});

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What Supervisor promises in docs/configuration.rst and docs/running.rst, asked of us. In front of
// each test stands which option or command of it that is.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, test } from 'node:test';

import { House, until } from './house.mjs';

const house = new House();

afterEach(() => house.clear());
after(() => house.close());

async function define(...apps) {
    house.write('apps.json', { apps });
    await house.try('apply', 'apps.json');
}

test('autorestart=unexpected, exitcodes: an expected end is the end', async () => {
    await define({ name: 'expected', script: 'exit 2', shell: true, restart_policy: 'on_failure', stop_exit_codes: [0, 2] },
                 { name: 'unexpected', script: 'sleep 0.1; exit 3', shell: true, restart_policy: 'on_failure',
                   max_restarts: 2, exp_backoff_restart_delay: 0 });
    await until(async () => (await house.statuses()).unexpected === 'errored');
    assert.equal((await house.one('unexpected')).restarts, 2);
    const expected = await house.one('expected');
    assert.deepEqual([expected.status, expected.exit_code, expected.restarts], ['stopped', 2, 0]);
});

test('startsecs, startretries: a run that was long enough begins the count anew', async () => {
    await define({ name: 'a', script: 'sleep 0.3; exit 1', shell: true, min_uptime: 100, max_restarts: 1,
                   exp_backoff_restart_delay: 0 });
    await until(async () => (await house.one('a')).restarts >= 4);
});

test('stopsignal, stopwaitsecs: who does not end in time is killed', async () => {
    await define({ name: 'deaf', script: 'trap "" TERM; echo up; while :; do sleep 0.1; done', shell: true,
                   kill_timeout: 300 });
    await until(async () => (await house.logs('deaf')) === 'up\n');
    const begin = Date.now();
    await house.run('stop', 'deaf');
    assert.ok(Date.now() - begin >= 300);
    assert.match((await house.one('deaf')).reason, /killed/);
});

test('stopasgroup=false, killasgroup: the program alone is asked, and nothing of it stays', async () => {
    await define({ name: 'a', treekill: false, shell: true, kill_timeout: 200,
                   script: "sh -c 'trap \"echo child was asked\" TERM; while :; do sleep 0.1; done' & echo $!; wait" });
    const child = await until(async () => Number(await house.logs('a')));
    await house.run('stop', 'a');
    assert.throws(() => process.kill(child, 0));
    assert.doesNotMatch(await house.logs('a'), /asked/);
});

test('redirect_stderr: both streams in one file, in the order in which they are written', async () => {
    await define({ name: 'a', script: 'for i in 1 2 3; do echo out $i; echo err $i >&2; done; exec sleep 1000',
                   shell: true, log_file: 'one.log' });
    await until(() => house.written('one.log').split('\n').length === 7);
    assert.equal(house.read('one.log'), 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
});

test('stdout_logfile_maxbytes, stdout_logfile_backups: so many files of that size', async () => {
    await define({ name: 'a', script: 'seq 1 100000; exec sleep 1000', shell: true, out_file: 'o.log', max_log_size: '64K',
                   max_log_files: 2, compress_logs: false });
    await until(() => house.written('o.log').endsWith('100000\n'));
    assert.ok(readFileSync(house.path('o.log.2')).length <= 65536);
    assert.throws(() => house.read('o.log.3'));
});

test('directory, umask, environment: where and how it runs', async () => {
    await define({ name: 'a', cwd: '/tmp', umask: '027', env: { KEY: 'a,b="c"' }, shell: true,
                   script: 'pwd; umask; echo "$KEY"; exec sleep 1000' });
    await until(async () => (await house.logs('a')) === '/tmp\n0027\na,b="c"\n');
});

test('priority: what others need comes up first and goes last', async () => {
    await define({ name: 'web', script: 'sleep 1000', depends_on: ['db'] }, { name: 'db', script: 'sleep 1000' });
    await house.run('stop', 'all');
    const events = JSON.parse(await house.run('events', 'all', '--json'))
        .filter(({ process }) => process === 'web' || process === 'db')
        .map(({ event, process }) => `${process} ${event}`);
    assert.deepEqual(events, ['db started', 'web started', 'web stopped', 'db stopped']);
});

test('reread, update: what differs is shown, then done, and nothing else', async () => {
    const a = { name: 'a', script: 'sleep 1000' };
    await define(a, { name: 'b', script: 'sleep 1000' });
    const before = await house.one('a');
    house.write('apps.json', { apps: [a, { name: 'c', script: 'sleep 1000' }] });
    const shown = await house.run('diff', 'apps.json');
    assert.match(shown, /b/);
    assert.deepEqual(await house.names(), ['a', 'b']);
    await house.run('apply', 'apps.json');
    assert.deepEqual(await house.names(), ['a', 'c']);
    assert.equal((await house.one('a')).pid, before.pid);
});

test('signal, clear, pid: the rest of supervisorctl', async () => {
    await define({ name: 'a', script: 'trap "echo heard" HUP; echo up; while :; do sleep 0.05; done', shell: true });
    await until(async () => (await house.logs('a')) === 'up\n');
    await house.run('signal', 'HUP', 'a');
    await until(async () => (await house.logs('a')).includes('heard'));
    await house.run('flush', 'a');
    assert.equal(await house.logs('a'), '');
    process.kill((await house.one('a')).pid, 0);
});

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { connectedDriver, Daemon, startSamples } from './lib/daemon.mjs';
import { pythonClient } from './lib/examples.mjs';
import { Program } from './lib/journal.mjs';

const daemon = new Daemon();
let driver;

before(async () => {
    await daemon.start();
    driver = await connectedDriver();
    await startSamples(driver);
    writeFileSync(join(daemon.home, 'documented.py'), pythonClient);
});

after(async () => {
    driver?.close();
    await daemon.destroy();
});

// Debian's own: python3-websockets is installed for that one.
function python(file) {
    return new Program('/usr/bin/python3', ['-u', join(daemon.home, file)], { cwd: daemon.home });
}

test('the documented Python client sees statuses and metrics', async (t) => {
    const client = python('documented.py');
    t.after(() => client.end());
    await client.line(/^Connected to PMDaemon$/);
    await client.line(/^Process web-api status: online$/);
    await client.line(/^worker: CPU [\d.]+%, Memory \d+$/);
    const from = client.entries.length;
    await driver.command('stop', 'worker');
    await client.line(/^Process worker status: stopping$/, from);
    await client.line(/^Process worker status: stopped$/, from);
    await client.line(/^worker: CPU 0(\.0)?%, Memory 0$/, from);
    await driver.command('start', 'worker');
});

test('the documented Python client starts a process', async (t) => {
    writeFileSync(join(daemon.home, 'starter.py'), `
import asyncio
from documented import PMDaemonClient

async def main():
    client = PMDaemonClient()
    await client.connect()
    await client.subscribe(['process_status', 'system_metrics'], ['from-python'])
    await client.start_process('from-python', {'script': 'sleep', 'args': ['1000']})
    await client.listen()

asyncio.run(main())
`);
    const client = python('starter.py');
    t.after(() => client.end());
    await client.line(/^Process from-python status: starting$/);
    await client.line(/^Process from-python status: online$/);
    await client.line(/^System: CPU [\d.]+%, Memory [\d.]+%$/);
    assert.ok(!client.entries.some((line) => /worker|web-api/.test(line)), client.entries.join('\n'));
    await driver.command('delete', 'from-python');
});

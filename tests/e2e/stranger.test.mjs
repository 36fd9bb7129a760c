// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// A page of a stranger, in a real browser on the same machine as the daemon.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser, script } from './lib/browser.mjs';
import { connectedDriver, Daemon, startSamples } from './lib/daemon.mjs';

const daemon = new Daemon();
let driver;
let browser;

before(async () => {
    await daemon.start();
    driver = await connectedDriver();
    await startSamples(driver);
    browser = await Browser.launch(['--host-resolver-rules=MAP evil.example 127.0.0.1']);
});

after(async () => {
    await browser?.close();
    driver?.close();
    await daemon.destroy();
});

for (const [host, code] of [['localhost', 403], ['127.0.0.1', 403], ['evil.example', 421]]) {
    test(`a stranger's page gets no connection by the name ${host}`, async (t) => {
        const page = await browser.open(`ws-${host}`, script(`
            const ws = new WebSocket('ws://${host}:9615/ws');
            ws.onopen = () => console.log('got a connection');
            ws.onmessage = () => console.log('got a message');
            ws.onclose = () => console.log('refused');`), 'evil.example');
        t.after(() => page.close());
        await page.log.waitFor(({ text }) => text === 'refused', 'the refusal');
        await page.log.waitFor(({ text }) => text.includes(`Unexpected response code: ${code}`), `code ${code}`);
        assert.ok(!page.log.entries.some(({ text }) => text.startsWith('got')), JSON.stringify(page.log.entries));
    });
}

test("a stranger's page reads and changes nothing by REST", async (t) => {
    const page = await browser.open('rest', script(`
        const target = 'http://localhost:9615/api/processes';
        const body = JSON.stringify({ name: 'from-afar', script: 'sleep', args: ['1000'] });
        Promise.allSettled([
            fetch(target).then((r) => r.text()),
            fetch(target, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }),
            fetch(target, { mode: 'no-cors' }).then((r) => r.text()),
            fetch(target, { method: 'POST', mode: 'no-cors', body }).then((r) => r.text()),
            fetch('http://evil.example:9615/api/processes').then((r) => r.text()),
        ]).then((all) => console.log('outcome', all.map(({ value }) => value ?? 'failed')));`), 'evil.example');
    t.after(() => page.close());
    const { args: [, outcome] } = await page.log.waitFor(({ text }) => text.startsWith('outcome'), 'the outcome');
    assert.equal(outcome.length, 5);
    assert.ok(!JSON.stringify(outcome).includes('worker'), JSON.stringify(outcome));
    const { processes } = await (await fetch(`${Daemon.url}/api/processes`)).json();
    assert.deepEqual(processes.map(({ name }) => name).sort(), ['web-api', 'worker']);
});

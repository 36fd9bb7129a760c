// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser, script } from './lib/browser.mjs';
import { connectedDriver, Daemon, startSamples } from './lib/daemon.mjs';
import { basicConnection, browserClass, dashboard, robustClient, withSubclass } from './lib/examples.mjs';

const daemon = new Daemon();
let driver;
let browser;

before(async () => {
    await daemon.start();
    driver = await connectedDriver();
    await startSamples(driver);
    browser = await Browser.launch();
});

after(async () => {
    await browser?.close();
    driver?.close();
    await daemon.destroy();
});

function logged(page, pattern, from = 0) {
    return page.log.waitFor(({ text }) => pattern.test(text), pattern, from);
}

test('the documented dashboard shows the live processes', async (t) => {
    const page = await browser.open('dashboard', dashboard);
    t.after(() => page.close());
    const card = (name, status) =>
        page.locator(`.process.${status}`, { has: page.locator('h3', { hasText: new RegExp(`^${name}$`) }) })
            .waitFor();

    await card('web-api', 'online');
    await card('worker', 'online');
    assert.match(await page.locator('.process').first().innerText(),
                 /Status: online\s+CPU: [\d.]+%\s+Memory: [\d.]+MB\s+Uptime: \d+s/);
    await driver.command('stop', 'worker');
    await card('worker', 'stopped');
    await card('web-api', 'online');
    await driver.command('start', 'worker');
    await card('worker', 'online');
    await driver.command('start', 'added-later', { script: 'sleep', args: ['1000'] });
    await card('added-later', 'online');
    await driver.command('delete', 'added-later');
    await page.locator('h3', { hasText: 'added-later' }).waitFor({ state: 'detached' });

    assert.deepEqual(await page.evaluate(() => window.neverMeant), []);
    assert.deepEqual(page.log.entries.filter(({ kind }) => kind === 'uncaught' || kind === 'error')
        .filter(({ text }) => !text.includes('favicon') && !text.includes('404')), []);
});

test('the basic connection only listens and receives', async (t) => {
    const page = await browser.open('basic', script(basicConnection));
    t.after(() => page.close());
    await logged(page, /^Connected to PMDaemon WebSocket$/);
    const received = (type) => page.log.waitFor(({ args }) => args?.[1]?.type === type, type);
    for (const type of ['process_status', 'process_metrics', 'system_metrics']) {
        const { args: [, message] } = await received(type);
        assert.match(message.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(typeof message.id, 'string');
    }
    assert.ok(!page.log.entries.some(({ args }) => args?.[1]?.type === 'log_message'));
});

test('the documented browser class, which cannot subscribe, still hears of everything', async (t) => {
    const page = await browser.open('class', script(browserClass));
    t.after(() => page.close());
    await logged(page, /^Connected to PMDaemon$/);
    await page.log.waitFor(({ kind, text }) => kind === 'uncaught' && /send is not a function/.test(text),
                           'its missing send()');
    await logged(page, /^worker: CPU [\d.]+%, Memory \d+$/);
    const from = page.log.entries.length;
    await driver.command('restart', 'worker');
    await logged(page, /^Process worker is now restarting$/, from);
    await logged(page, /^Process worker is now online$/, from);
});

test('the documented browser class with a send() subscribes', async (t) => {
    const page = await browser.open('sender', script(withSubclass(browserClass, 'PMDaemonWebSocket',
        'send(type, data) { this.ws.send(JSON.stringify({ type, data })); }')));
    t.after(() => page.close());
    await logged(page, /^Process web-api is now online$/);
    await logged(page, /^web-api: CPU/);
    assert.deepEqual(page.log.entries.filter(({ kind }) => kind === 'uncaught'), []);
});

test('a page of this machine may look and not touch', async (t) => {
    const page = await browser.open('toucher', script(`
        const ws = new WebSocket('ws://localhost:9615/ws');
        ws.onmessage = ({ data }) => console.log(data);
        ws.onopen = () => ws.send(JSON.stringify({ type: 'command', id: 7,
            data: { action: 'start', process: 'from-page', config: { script: 'sleep', args: ['1000'] } } }));`));
    t.after(() => page.close());
    const { text } = await logged(page, /"reply_to":\s*7/);
    const { type, data } = JSON.parse(text);
    assert.equal(type, 'error');
    assert.equal(data.code, 'read_only');
    const { processes } = await (await fetch(`${Daemon.url}/api/processes`)).json();
    assert.ok(!processes.some(({ name }) => name === 'from-page'));
});

test('the documented robust client comes back after the daemon did', async (t) => {
    const page = await browser.open('robust', script(`${robustClient}
        class Client extends RobustPMDaemonClient {
            onConnected() { console.log('connected'); }
        }
        new Client('ws://localhost:9615/ws').connect();`));
    t.after(() => page.close());
    await logged(page, /^connected$/);
    const from = page.log.entries.length;
    driver.close();
    await daemon.stop();
    await daemon.start();
    driver = await connectedDriver();
    await logged(page, /^connected$/, from);
});

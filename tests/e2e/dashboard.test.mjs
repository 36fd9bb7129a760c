// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// The dashboard that the daemon serves, in a real browser.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { Browser } from './lib/browser.mjs';
import { connectedDriver, Daemon } from './lib/daemon.mjs';

const run = promisify(execFile);
const daemon = new Daemon();
let driver;
let browser;

before(async () => {
    await daemon.start();
    driver = await connectedDriver();
    await driver.command('start', 'web', { script: 'echo "<b>bold</b>"; printf "\\033[31mred\\033[0m\\n"; exec cat',
                                           shell: true, stdin: 'pipe' });
    await driver.command('start', 'worker', { script: 'sleep 1000', namespace: 'jobs' });
    browser = await Browser.launch();
});

after(async () => {
    await browser?.close();
    driver?.close();
    await daemon.destroy();
});

async function address() {
    const { stdout } = await run(process.env.PMDAEMON, ['web', '--no-browser', '--json', '--home', daemon.home]);
    return JSON.parse(stdout).url;
}

const row = (page, name) => page.locator('tbody tr', { hasText: name });
const complaints = (page) => page.log.entries.filter(({ kind }) => kind === 'uncaught' || kind === 'error');

test('who opens it sees everything and can do nothing', async (t) => {
    const page = await browser.visit(`${Daemon.url.replace('127.0.0.1', 'localhost')}/`);
    t.after(() => page.close());
    await row(page, 'web').locator('.status.online').waitFor();
    await page.locator('#role', { hasText: 'Read only' }).waitFor();
    assert.equal(await page.locator('tbody button:enabled', { hasText: /Stop|Start|Restart|Delete/ }).count(), 0);
    assert.match(await row(page, 'web').innerText(), /%.*(KiB|MiB)/s);
    assert.deepEqual(complaints(page), []);
});

test('a ticket signs in once, and the session stays over reloads', async (t) => {
    const url = await address();
    const page = await browser.visit(url);
    t.after(() => page.close());
    await page.locator('#role', { hasText: 'You may act' }).waitFor();
    assert.ok(!page.url().includes('ticket'), 'the ticket does not stay in the address');
    await page.reload();
    await page.locator('#role', { hasText: 'You may act' }).waitFor();

    const other = await (await browser.chromium.newContext()).newPage();
    t.after(() => other.close());
    await other.goto(url);
    await other.locator('#role', { hasText: 'Read only' }).waitFor();
});

test('the page that leads there is for its owner alone', async () => {
    const url = await address();
    const file = join(daemon.home, 'run', 'web.html');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(readFileSync(file, 'utf8').includes(url));
});

test('it steers, shows logs and events, and keeps what others write inert', async (t) => {
    const page = await browser.visit(await address());
    t.after(() => page.close());
    await page.locator('#role', { hasText: 'You may act' }).waitFor();

    await page.getByRole('button', { name: 'Stop worker' }).click();
    await row(page, 'worker').locator('.status.stopped').waitFor();
    await page.locator('#note', { hasText: 'worker stopped' }).waitFor();
    await page.getByRole('button', { name: '1 stopped' }).click();
    await row(page, 'web').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Start worker', exact: true }).click();
    await page.locator('#empty', { hasText: 'No process matches' }).waitFor();
    await page.getByRole('button', { name: '0 stopped' }).click();

    await page.getByRole('button', { name: 'web', exact: true }).click();
    await page.locator('#log p', { hasText: '<b>bold</b>' }).waitFor();
    await page.locator('#log p', { hasText: /^red$/ }).waitFor();
    assert.equal(await page.locator('#log b').count(), 0);
    await page.locator('#events li', { hasText: 'started' }).waitFor();
    const sent = await fetch(`${Daemon.url}/api/processes/web/stdin`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${daemon.token()}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ line: 'live line' }),
    });
    assert.equal(sent.status, 200);
    await page.locator('#log p', { hasText: 'live line' }).waitFor();
    assert.match(page.url(), /#\/process\/web$/);

    await page.locator('#filter').fill('jobs');
    await row(page, 'web').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Delete worker' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await row(page, 'worker').waitFor();
    await page.getByRole('button', { name: 'Delete worker' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
    await row(page, 'worker').waitFor({ state: 'detached' });
    assert.deepEqual(complaints(page), []);
    assert.deepEqual(await page.evaluate(() => window.neverMeant), []);
});

test('a link leads to a process, and a lost daemon is told', async (t) => {
    const page = await browser.visit(`${Daemon.url.replace('127.0.0.1', 'localhost')}/#/process/web`);
    t.after(() => page.close());
    await page.locator('#detail h2', { hasText: 'web' }).waitFor();
    driver.close();
    await daemon.stop();
    await page.locator('#connection', { hasText: 'Connection lost' }).waitFor();
    await daemon.start();
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    await page.locator('#detail h2', { hasText: 'web' }).waitFor();
});

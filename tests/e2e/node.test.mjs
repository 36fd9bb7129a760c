// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { connectedDriver, Daemon, refusedUpgrade, startSamples } from './lib/daemon.mjs';
import { authentication, classOf, eventFiltering, messageQueuing, nodeClient, require,
         withSubclass } from './lib/examples.mjs';
import { Journal, Program } from './lib/journal.mjs';

const WebSocket = require('ws');
const daemon = new Daemon();
let driver;

before(async () => {
    await daemon.start();
    driver = await connectedDriver();
    await startSamples(driver);
});

after(async () => {
    driver?.close();
    await daemon.destroy();
});

test('the documented Node client sees statuses and metrics', async (t) => {
    const file = join(daemon.home, 'client.cjs');
    writeFileSync(file, withSubclass(nodeClient, 'PMDaemonClient', `
        updateMetrics(processes) { console.log('metrics ' + JSON.stringify(processes)); }
        updateSystemMetrics(metrics) { console.log('system ' + JSON.stringify(metrics)); }`));
    const modules = fileURLToPath(new URL('node_modules', import.meta.url));
    const client = new Program(process.execPath, [file], { env: { ...process.env, NODE_PATH: modules } });
    t.after(() => client.end());

    await client.line(/^Connected to PMDaemon$/);
    await client.line(/^Process web-api status: online$/);
    await client.line(/^Process worker status: online$/);
    const metrics = JSON.parse((await client.line(/^metrics .*"worker"/)).replace('metrics ', ''));
    const worker = metrics.find(({ name }) => name === 'worker');
    for (const figure of ['id', 'cpu', 'memory', 'uptime', 'restarts']) {
        assert.equal(typeof worker[figure], 'number', figure);
    }
    const system = JSON.parse((await client.line(/^system /)).replace('system ', ''));
    assert.ok(system.cpu.cores >= 1 && system.memory.total > 0 && system.load.one >= 0);

    const from = client.entries.length;
    await driver.command('restart', 'worker');
    await client.line(/^Process worker status: restarting$/, from);
    await client.line(/^Process worker status: starting$/, from);
    await client.line(/^Process worker status: online$/, from);
});

test('a command flows statuses and events, in order', async (t) => {
    const watcher = await connectedDriver();
    t.after(() => watcher.close());
    watcher.subscribe(['process_status', 'process_event'], ['ordered']);
    await watcher.settled();
    await driver.command('start', 'ordered', { script: 'sleep', args: ['1000'] });
    await driver.command('stop', 'ordered');
    await watcher.status('ordered', 'stopped');
    const statuses = watcher.messages.entries.filter(({ type }) => type === 'process_status')
        .map(({ data }) => `${data.previous_status}→${data.status}`);
    assert.deepEqual(statuses.slice(-4), ['stopped→starting', 'starting→online', 'online→stopping',
                                          'stopping→stopped']);
    await watcher.messages.waitFor(({ type, data }) => type === 'process_event' && data.event === 'stopped',
                                   'the event stopped');
    await driver.command('delete', 'ordered');
});

test('a message of the wrong shape gets an error and the connection lives', async (t) => {
    const client = await connectedDriver();
    t.after(() => client.close());
    client.ws.send('{"type":');
    await client.messages.waitFor((m) => m.type === 'error' && m.data.code === 'invalid_json', 'invalid_json');
    client.send('subscribe', { events: ['process_status'], interval: 'often' });
    const { data } = await client.messages.waitFor((m) => m.type === 'error' && m.data.code === 'invalid_message',
                                                   'invalid_message');
    assert.match(data.message, /interval/);
    await client.settled();
});

test('the documented filter brings only what it names', async (t) => {
    const client = await connectedDriver();
    t.after(() => client.close());
    new Function('ws', eventFiltering)(client.ws);
    await client.settled();
    const from = client.messages.entries.length;
    await driver.command('restart', 'worker');
    await driver.command('start', 'critical-service', { script: 'sleep', args: ['1000'] });
    await client.status('critical-service', 'online');
    assert.deepEqual([...new Set(client.messages.entries.slice(from).map(({ type, data }) => `${type} ${data.name}`))],
                     ['process_status critical-service']);
    await driver.command('delete', 'critical-service');
});

test('the documented queue sends what was queued before the connection', async (t) => {
    const Queued = classOf(messageQueuing, 'QueuedWebSocket', { WebSocket });
    const received = new Journal();
    const client = new class extends Queued {
        connect() {
            this.ws = new WebSocket(this.url);
            this.ws.onmessage = ({ data }) => received.add(JSON.parse(data));
            this.ws.onopen = () => this.onConnected();
        }
    }(`ws://localhost:${Daemon.port}/ws`);
    client.send({ type: 'get_system', data: {} });
    client.connect();
    t.after(() => client.ws.close());
    await received.waitFor(({ type }) => type === 'system_info', 'the answer to what was queued');
});

test('the documented Authorization header is a token or a refusal', async (t) => {
    const connect = (text) => new Function('WebSocket', `${text}\nreturn ws;`)(
        class extends WebSocket {
            constructor(url, options) {
                super(url, options);
            }
        });
    const wrong = connect(authentication);
    assert.equal(await new Promise((resolve) => {
        wrong.on('error', () => {});
        wrong.on('unexpected-response', (_, response) => resolve(response.statusCode));
        wrong.on('open', () => resolve('admitted'));
    }), 401);
    wrong.terminate();

    const right = connect(authentication.replace('your-jwt-token', daemon.token()));
    t.after(() => right.close());
    const received = new Journal();
    right.on('message', (data) => received.add(JSON.parse(data)));
    right.on('open', () => right.send('{"type":"get_system"}'));
    const { data } = await received.waitFor(({ type }) => type === 'system_info', 'system_info');
    assert.equal(data.role, 'admin');
});

test('a page of somewhere else gets 403, another name for this host 421', async () => {
    const url = `ws://localhost:${Daemon.port}/ws`;
    assert.equal(await refusedUpgrade(url, { origin: 'http://evil.example' }), 403);
    assert.equal(await refusedUpgrade(url, { origin: 'null' }), 403);
    assert.equal(await refusedUpgrade(url, { headers: { Host: 'evil.example:9615' } }), 421);
    assert.equal(await refusedUpgrade(`ws://localhost:${Daemon.port}/other`), 404);
});

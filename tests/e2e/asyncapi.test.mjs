// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What goes over the WebSocket is what the AsyncAPI document says, no less and no more.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { Daemon } from './lib/daemon.mjs';
import { Described } from './lib/described.mjs';
import { require } from './lib/examples.mjs';
import { Journal } from './lib/journal.mjs';

const WebSocket = require('ws');
const daemon = new Daemon();
const heard = new Journal();
const asked = new Set();
let document;
let described;
let socket;

function check(message) {
    const { payload } = document.components.messages[message.type] ?? {};
    assert.ok(payload, `${message.type} is not described`);
    described.check('asyncapi.json', payload, message, message.type);
}

/** Sends it, and gives the answer. */
function ask(type, data = {}) {
    const id = `${type} ${asked.size} ${heard.entries.length}`;
    const message = { type, data, id };
    check(message);
    asked.add(type);
    socket.send(JSON.stringify(message));
    return heard.waitFor((entry) => entry.reply_to === id, `the answer to ${type}`);
}

before(async () => {
    await daemon.start();
    const documents = {};
    for (const name of ['openapi.json', 'asyncapi.json']) {
        documents[name] = await (await fetch(`${Daemon.url}/api/${name}`)).json();
    }
    document = documents['asyncapi.json'];
    described = new Described(documents);
    socket = new WebSocket(`ws://127.0.0.1:${Daemon.port}/ws`);
    socket.on('message', (text) => heard.add(JSON.parse(text)));
    await once(socket, 'open');
});

after(async () => {
    socket?.close();
    await daemon.destroy();
});

test('each message is as it is described', async () => {
    const events = ['process_status', 'process_metrics', 'system_metrics', 'health_update', 'process_event',
                    'log_message'];
    await ask('auth', { token: daemon.token() });
    await ask('subscribe', { events, processes: ['web'], interval: 200, level: 'trace', tail: 1 });
    const script = 'while echo line; do sleep 0.1; done';
    await ask('command', { action: 'start', process: 'web',
                           config: { script, shell: true, health_check_script: 'true', listen: [] } });
    for (const type of events) {
        await heard.waitFor((message) => message.type === type, type);
    }
    await ask('subscribe', { events: ['log_message'], batch: true, namespaces: ['default'] });
    await heard.waitFor(({ type }) => type === 'log_batch', 'log_batch');
    await ask('unsubscribe', { events: ['log_message'], processes: ['web'] });
    await ask('ping');
    await ask('get_info', { process: 'web' });
    await ask('get_info');
    await ask('get_system');
    await ask('get_history', { process: 'web', step: 1000 });
    await ask('get_logs', { process: 'web', lines: 2, stream: 'stdout', grep: 'line' });
    await ask('get_events', { process: 'web', limit: 1 });
    await ask('apply', { apps: [{ name: 'other', script: 'sleep 1000' }, { name: 'web', script: 'sleep 1000' }],
                         files: [], dry_run: true });
    assert.equal((await ask('command', { action: 'stop', process: 'web', wait: false, timeout: 5000 })).data.success,
                 true);
    assert.equal((await ask('command', { action: 'scale', process: 'nobody', instances: 2 })).data.success, false);
    await ask('command', { action: 'delete', process: 'web', keep_logs: false });
    heard.entries.forEach(check);

    const { ask: requests, tell: answers } = document.operations;
    const namesOf = ({ messages }) => messages.map(({ $ref }) => $ref.split('/').at(-1)).sort();
    assert.deepEqual([...asked].sort(), namesOf(requests));
    const told = new Set(heard.entries.map(({ type }) => type));
    assert.deepEqual([...told, 'error'].sort(), namesOf(answers));
});

test('an error is described, too', async () => {
    socket.send(JSON.stringify({ type: 'command', data: { action: 'dance', process: 'web' }, id: 'wrong' }));
    check(await heard.waitFor(({ type }) => type === 'error', 'error'));
});

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What the daemon answers is what its OpenAPI document says, no less and no more.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Daemon } from './lib/daemon.mjs';
import { Described } from './lib/described.mjs';

const daemon = new Daemon();
const called = new Set();
let document;
let described;

function resolved(node) {
    return node?.$ref ? node.$ref.slice(2).split('/').reduce((at, key) => at[key], document) : node;
}

/** Calls the operation of that name; the answer, which is as described. */
async function call(operationId, { id = 'web', query = '', body, status } = {}) {
    for (const [path, methods] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
            if (operation.operationId !== operationId) {
                continue;
            }
            const answer = await fetch(`${Daemon.url}${path.replace('{id}', id)}${query}`, {
                method: method.toUpperCase(),
                headers: { Authorization: `Bearer ${daemon.token()}`,
                           ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
                body: body === undefined ? undefined : JSON.stringify(body),
            });
            const expected = status ?? Number(Object.keys(operation.responses)[0]);
            const text = await answer.text();
            assert.equal(answer.status, expected, `${operationId}: ${text}`);
            const { content } = resolved(operation.responses[expected] ?? operation.responses.default);
            const type = answer.headers.get('content-type').split(';')[0];
            assert.ok(content[type], `${operationId} answers ${type}`);
            called.add(operationId);
            if (type !== 'application/json') {
                return text;
            }
            const value = JSON.parse(text);
            described.check('openapi.json', content[type].schema, value, operationId);
            return value;
        }
    }
    throw new Error(`there is no operation ${operationId}`);
}

before(async () => {
    await daemon.start();
    document = await (await fetch(`${Daemon.url}/api/openapi.json`)).json();
    described = new Described({ 'openapi.json': document });
});

after(() => daemon.destroy());

test('each operation answers as it is described', async () => {
    const apps = [{ name: 'other', script: 'sleep 1000' }];
    await call('create', { body: { name: 'web', script: 'echo hello; echo oops >&2; exec cat', shell: true,
                                   stdin: 'pipe', health_check_script: 'true' } });
    assert.equal((await call('apply', { body: { apps } })).apps[0].change, 'added');
    for (const name of ['index', 'health', 'status', 'processes', 'process', 'process_health', 'process_logs', 'logs',
                        'process_metrics', 'system_metrics', 'system', 'system_stats', 'events', 'schema', 'openapi', 'asyncapi',
                        'discovery', 'metrics']) {
        await call(name);
    }
    await call('process', { id: 'all' });
    await call('processes', { query: '?format=pm2' });
    await call('validate', { body: { apps: [{ name: 'third', script: 'true' }] } });
    await call('send', { body: { line: 'x' } });
    await call('signal', { body: { signal: 'SIGCONT' } });
    await call('reset');
    await call('restart');
    await call('reload', { body: {} });
    await call('scale', { body: { instances: 2 } });
    await call('stop', { body: { wait: false, signal: 'SIGINT' }, status: 202 });
    await call('restart', { body: { port: '9777-9778', timeout: 10000 } });
    await call('stop');
    await call('start');
    await call('empty_logs');
    await call('delete');
    await call('delete', { id: 'other' });
    const all = Object.values(document.paths).flatMap((methods) => Object.values(methods))
        .map(({ operationId }) => operationId).filter(Boolean);
    assert.deepEqual([...called].sort(), [...new Set(all)].sort());
});

test('refusals are described, too', async () => {
    assert.equal((await call('process', { id: 'nobody', status: 404 })).error.code, 'PROCESS_NOT_FOUND');
    assert.equal((await call('create', { body: { script: 1 }, status: 422 })).error.code, 'INVALID_CONFIG');
    await call('scale', { id: 'nobody', body: { instances: 0 }, status: 400 });
});

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What another machine sees: an address that is not loopback's, TLS, and nothing without a token.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { require } from './lib/examples.mjs';

const WebSocket = require('ws');
const address = '10.9.8.7';
const port = 9615;
const folder = mkdtempSync(join(tmpdir(), 'pmdaemon-tls-'));
const home = join(folder, 'home');
const certificate = join(folder, 'certificate.pem');
let daemon;
let token;
let ca;

function pmdaemon(...args) {
    return spawnSync(process.env.PMDAEMON, args, { encoding: 'utf8', timeout: 60_000 });
}

function elsewhere(...args) {
    return pmdaemon('--host', `https://${address}:${port}`, '--token-file', join(folder, 'token'), ...args);
}

/** Status and body of a GET. */
async function get(client, path, options = {}) {
    const [response] = await once(client.get({ host: address, port, path, agent: false, ...options }), 'response');
    let body = '';
    for await (const chunk of response) {
        body += chunk;
    }
    return { status: response.statusCode, body };
}

before(async () => {
    execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                             '-nodes', '-days', '2', '-subj', '/CN=daemon', '-addext',
                             `subjectAltName=IP:${address}`, '-keyout', join(folder, 'key.pem'), '-out',
                             certificate], { stdio: 'ignore' });
    ca = readFileSync(certificate);
    daemon = spawn(process.env.PMDAEMON, ['daemon', '--home', home, '--port', port, '--host', address,
                                          '--tls-cert', certificate, '--tls-key', join(folder, 'key.pem')],
                   { stdio: ['ignore', 'inherit', 'pipe'] });
    for await (const text of daemon.stderr.setEncoding('utf8')) {
        if (text.includes('listens on port')) {
            break;
        }
    }
    const made = pmdaemon('--home', home, 'token', 'create', 'elsewhere', '--role', 'control');
    assert.equal(made.status, 0, made.stderr);
    token = made.stdout.trim();
    writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
});

after(async () => {
    pmdaemon('--home', home, 'delete', 'all', '-f');
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
    rmSync(folder, { recursive: true });
});

test('nothing is said in the clear', async () => {
    const { status, body } = await get(http, '/health');
    assert.equal(status, 400);
    assert.match(body, /https:/);
    const [error] = await once(new WebSocket(`ws://${address}:${port}/ws`), 'error');
    assert.match(error.message, /400/);
});

test('reading takes a token', async () => {
    assert.equal((await get(https, '/health', { ca })).status, 200);
    for (const path of ['/api/processes', '/metrics']) {
        assert.equal((await get(https, path, { ca })).status, 401, path);
    }
    const headers = { Authorization: `Bearer ${token}` };
    const { status, body } = await get(https, '/api/processes', { ca, headers });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body).processes, []);
});

test('a WebSocket client watches and steers', async () => {
    const client = new WebSocket(`wss://${address}:${port}/ws`, { ca, headers: { Authorization: `Bearer ${token}` } });
    await once(client, 'open');
    client.send(JSON.stringify({ type: 'command', id: 1, data: { action: 'start', process: 'one',
                                 config: { name: 'one', script: 'sleep', args: ['1000'] } } }));
    for (let reply = {}; reply.reply_to !== 1;) {
        const [message] = await once(client, 'message');
        reply = JSON.parse(message);
        assert.notEqual(reply.type, 'error', String(message));
    }
    client.close();
    assert.equal((await once(client, 'close'))[0], 1000);
});

test('the command line compares the fingerprint, and needs none on the same machine', () => {
    const unknown = elsewhere('list');
    assert.equal(unknown.status, 60);
    const [fingerprint] = unknown.stderr.match(/[0-9A-F]{2}(:[0-9A-F]{2}){31}/);
    const shown = execFileSync('openssl', ['x509', '-in', certificate, '-noout', '-fingerprint', '-sha256']);
    assert.ok(String(shown).includes(fingerprint));
    const known = elsewhere('--fingerprint', fingerprint, 'stop', 'one');
    assert.equal(known.status, 0, known.stderr);
    assert.equal(elsewhere('--fingerprint', fingerprint.replace(/^../, (byte) => (byte === '00' ? '11' : '00')), 'list').status, 60);
    assert.match(pmdaemon('--home', home, 'list').stdout, /one/);
});

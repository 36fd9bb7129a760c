// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { classOf, nodeClient, require } from './examples.mjs';
import { Journal, patience, Program } from './journal.mjs';

const WebSocket = require('ws');

/** The real daemon with a home of its own on the documented port. Needs a network namespace. */
export class Daemon {
    static port = 9615;
    static url = `http://127.0.0.1:${Daemon.port}`;

    constructor() {
        assert.ok(process.env.PMDAEMON, 'PMDAEMON names the program to test');
        this.home = mkdtempSync(join(tmpdir(), 'pmdaemon-e2e-'));
    }

    async start() {
        this.program = new Program(process.env.PMDAEMON, ['daemon', '--home', this.home]);
        const gone = this.program.exited.then(([code]) => {
            throw new Error(`the daemon ended with ${code}: ${this.program.entries.join('\n')}`);
        });
        gone.catch(() => {}); // its expected end, later
        await Promise.race([this.#healthy(), gone]);
    }

    async #healthy() {
        for (const end = Date.now() + patience; Date.now() < end; await delay(20)) {
            const answer = await fetch(`${Daemon.url}/health`).catch(() => null);
            if (answer?.ok) {
                return;
            }
        }
        throw new Error(`no /health: ${this.program.entries.join('\n')}`);
    }

    /** An ordered end: exit code 0, whatever was supervised is gone. */
    async stop() {
        const [code, signal] = await this.program.end('SIGINT');
        assert.equal(code, 0, `ended by ${signal ?? code}: ${this.program.entries.join('\n')}`);
    }

    async destroy() {
        await this.stop();
        rmSync(this.home, { recursive: true });
    }

    token() {
        return readFileSync(join(this.home, 'run', 'token'), 'utf8').trim();
    }
}

const quiet = { log() {}, error() {} };
export const DocumentedNodeClient = classOf(nodeClient, 'PMDaemonClient', { require, console: quiet });

/** The documented Node client, as the hand that steers: it keeps what arrives and awaits results. */
export class Driver extends DocumentedNodeClient {
    messages = new Journal();

    handleMessage(message) {
        this.messages.add(message);
    }

    async command(action, process, config) {
        const from = this.messages.entries.length;
        this.send('command', { action, process, ...(config && { config }) });
        const { type, data } = await this.messages.waitFor(
            (m) => m.type === 'error' ||
                   (m.type === 'command_result' && m.data.action === action && m.data.process === process),
            `the result of ${action} ${process}`, from);
        assert.equal(type, 'command_result', JSON.stringify(data));
        assert.ok(data.success, JSON.stringify(data));
        return data;
    }

    /** Answered after all that was sent before has been read: from here on a subscription rules. */
    async settled() {
        const from = this.messages.entries.length;
        this.send('get_system', {});
        await this.messages.waitFor(({ type }) => type === 'system_info', 'system_info', from);
    }

    status(name, status, from = 0) {
        return this.messages.waitFor(
            ({ type, data }) => type === 'process_status' && data.name === name && data.status === status,
            `${name} ${status}`, from);
    }

    close() {
        this.ws.close();
    }
}

export async function connectedDriver() {
    const driver = new Driver();
    await driver.connect();
    return driver;
}

/** The processes that most tests look at. */
export async function startSamples(driver) {
    await driver.command('start', 'web-api', { script: 'sleep', args: ['1000'], port: '3002' });
    await driver.command('start', 'worker', { script: 'sleep', args: ['1000'] });
}

/** The HTTP status with which the daemon refuses an upgrade. */
export function refusedUpgrade(url, options) {
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(url, options);
        socket.on('open', () => reject(new Error('was admitted')));
        socket.on('error', () => {}); // follows terminate()
        socket.on('unexpected-response', (_, response) => {
            resolve(response.statusCode);
            socket.terminate();
        });
    });
}

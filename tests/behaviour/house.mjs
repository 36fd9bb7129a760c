// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const patience = 20_000;

/** A folder with scripts, and a daemon of its own for them. */
export class House {
    folder = mkdtempSync(join(tmpdir(), 'pmdaemon-behaviour-'));

    path(name) {
        return join(this.folder, name);
    }

    write(name, content) {
        writeFileSync(this.path(name), typeof content === 'string' ? content : JSON.stringify(content));
        return this.path(name);
    }

    read(name) {
        return readFileSync(this.path(name), 'utf8');
    }

    /** The same; nothing while the file is not there yet. */
    written(name) {
        return existsSync(this.path(name)) ? this.read(name) : '';
    }

    /** {code, out, err} of the command. */
    async try(...args) {
        const child = spawn(process.env.PMDAEMON, ['--home', this.path('home'), '--port', '0', ...args.map(String)],
                            { cwd: this.folder });
        let out = '';
        let err = '';
        child.stdout.on('data', (text) => { out += text; });
        child.stderr.on('data', (text) => { err += text; });
        const [code] = await once(child, 'close');
        return { code, out, err };
    }

    /** What the command says; it has to succeed. */
    async run(...args) {
        const { code, out, err } = await this.try(...args);
        assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);
        return out;
    }

    async list() {
        return JSON.parse(await this.run('list', '--json'));
    }

    async one(name) {
        return (await this.list()).find((entry) => entry.name === name);
    }

    async names() {
        return (await this.list()).map((entry) => entry.name);
    }

    async statuses() {
        return Object.fromEntries((await this.list()).map(({ name, status }) => [name, status]));
    }

    async env(name) {
        return JSON.parse(await this.run('env', name, '--json'))[0].env;
    }

    async logs(...args) {
        return this.run('logs', ...args, '--no-color', '-n', 1000);
    }

    /** Deletes all processes, and what they have written. */
    async clear() {
        await this.run('delete', '-f', 'all');
        rmSync(this.path('home/logs'), { recursive: true, force: true });
    }

    async close() {
        await this.run('kill', '--all');
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/** Waits until `look` finds something, and returns that. */
export async function until(look) {
    for (const end = Date.now() + patience; Date.now() < end; await delay(20)) {
        const found = await look();
        if (found) {
            return found;
        }
    }
    throw new Error(`waited in vain: ${look}`);
}

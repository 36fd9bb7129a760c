// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import { EventEmitter, once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long anything may take on a loaded machine. */
export const patience = 30_000;

/** What arrives, kept, so that a test can wait for something that is there already or comes yet. */
export class Journal extends EventEmitter {
    entries = [];

    add(entry) {
        this.entries.push(entry);
        this.emit('entry', entry);
    }

    /** The first entry from index `from` on that matches; fails with all entries after a time. */
    async waitFor(matches, what, from = 0) {
        const signal = AbortSignal.timeout(patience);
        for (let at = from; ; ++at) {
            while (at >= this.entries.length) {
                await once(this, 'entry', { signal }).catch(() => {
                    throw new Error(`waited in vain for ${what}; there were: ` +
                                    JSON.stringify(this.entries.slice(from).slice(-30), null, 1));
                });
            }
            if (matches(this.entries[at])) {
                return this.entries[at];
            }
        }
    }
}

/** A child whose lines of output are a journal. */
export class Program extends Journal {
    constructor(command, args, options = {}) {
        super();
        this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
        this.exited = once(this.child, 'exit');
        for (const stream of [this.child.stdout, this.child.stderr]) {
            createInterface({ input: stream }).on('line', (line) => this.add(line));
        }
    }

    line(pattern, from = 0) {
        return this.waitFor((line) => pattern.test(line), pattern, from);
    }

    /** Ends it and returns [exit code, signal]. */
    async end(signal = 'SIGTERM') {
        this.child.kill(signal);
        return this.exited;
    }
}

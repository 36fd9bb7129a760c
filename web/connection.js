// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

const longestDelay = 30_000;
const sessionKey = 'pmdaemon-session';

/** The ticket in the fragment, once: it opens one session and must not stay in the history. */
function takeTicket() {
    const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
    if (ticket) {
        history.replaceState(null, '', location.pathname);
    }
    return ticket;
}

/**
 * A connection that comes back by itself. Events: `open` {role}, `lost` {again: ms}, `message` {type,
 * data}. What is asked while there is none fails.
 */
export class Connection extends EventTarget {
    #socket = null;
    #attempts = 0;
    #lastId = 0;
    #waiting = new Map();
    #ticket = takeTicket();

    connect() {
        const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
        const socket = new WebSocket(`${scheme}://${location.host}/ws`);
        this.#socket = socket;
        socket.onopen = () => this.#begin();
        socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
        socket.onclose = () => this.#lose();
    }

    async #begin() {
        const role = await this.#authenticate();
        this.#attempts = 0;
        this.#tell('open', { role });
    }

    /** The role that a ticket or the session of before gives; null: that of anybody here. */
    async #authenticate() {
        const token = this.#ticket ?? sessionStorage.getItem(sessionKey);
        this.#ticket = null;
        if (!token) {
            return null;
        }
        try {
            const { role, token: session } = await this.ask('auth', { token });
            if (session) {
                sessionStorage.setItem(sessionKey, session);
            }
            return role;
        } catch {
            sessionStorage.removeItem(sessionKey);
            return null;
        }
    }

    #take({ type, data, reply_to: replyTo }) {
        const waiting = this.#waiting.get(replyTo);
        if (!waiting) {
            return this.#tell('message', { type, data });
        }
        this.#waiting.delete(replyTo);
        const failed = type === 'error' || data.success === false;
        failed ? waiting.reject(new Error(data.message)) : waiting.resolve(data);
    }

    #lose() {
        for (const { reject } of this.#waiting.values()) {
            reject(new Error('the connection was lost'));
        }
        this.#waiting.clear();
        const again = Math.min(longestDelay, 500 * 2 ** this.#attempts++) * (0.8 + 0.4 * Math.random());
        this.#tell('lost', { again });
        setTimeout(() => this.connect(), again);
    }

    /** The data of the answer. */
    ask(type, data = {}) {
        return new Promise((resolve, reject) => {
            if (this.#socket?.readyState !== WebSocket.OPEN) {
                return reject(new Error('there is no connection'));
            }
            const id = `${++this.#lastId}`;
            this.#waiting.set(id, { resolve, reject });
            this.#socket.send(JSON.stringify({ type, data, id }));
        });
    }

    #tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}

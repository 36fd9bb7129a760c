// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import { time } from './format.js';
import { words } from './words.js';

const mostLines = 2_000;
const mostEvents = 50;

/** What a terminal would act on is not for a page. */
function withoutControls(text) {
    // eslint-disable-next-line no-control-regex
    return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(\u0007|\u001b\\)|[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}

function line(text, className) {
    const made = document.createElement('p');
    made.textContent = text;
    made.className = className;
    return made;
}

/** What is known of one process, its events and its log. */
export class Detail {
    #log = document.querySelector('#log');
    #follow = document.querySelector('#follow');
    #follows = true;

    constructor({ onClose }) {
        this.element = document.querySelector('#detail');
        this.id = null;
        const close = document.querySelector('#close');
        close.textContent = words.close;
        close.onclick = onClose;
        document.querySelector('#log-title').textContent = this.#log.ariaLabel = words.log;
        document.querySelector('#event-title').textContent = words.events;
        this.#follow.textContent = words.newLines;
        this.#follow.onclick = () => this.#setFollowing(true);
        this.#log.onscroll = () => {
            const { scrollTop, clientHeight, scrollHeight } = this.#log;
            this.#setFollowing(scrollTop + clientHeight >= scrollHeight - 4);
        };
    }

    #setFollowing(follows) {
        this.#follows = follows;
        this.#follow.hidden = follows;
        if (follows) {
            this.#log.scrollTop = this.#log.scrollHeight;
        }
    }

    show(process) {
        this.id = process?.id ?? null;
        this.element.hidden = !process;
        this.#log.replaceChildren();
        document.querySelector('#events').replaceChildren();
        this.#setFollowing(true);
        if (process) {
            this.render(process);
        }
    }

    render(process) {
        this.element.querySelector('h2').textContent = process.name;
        const facts = Object.entries(words.facts)
            .map(([key, title]) => [title, key.endsWith('_at') && process[key] ? time(process[key]) : process[key]])
            .filter(([, value]) => value !== null && value !== undefined);
        this.element.querySelector('dl').replaceChildren(...facts.flatMap(([title, value]) => {
            const term = document.createElement('dt');
            const meaning = document.createElement('dd');
            term.textContent = title;
            meaning.textContent = value;
            return [term, meaning];
        }));
    }

    addLines({ lines, dropped }) {
        const added = lines.map(({ message, stream }) => line(withoutControls(message), stream));
        if (dropped) {
            added.unshift(line(words.dropped(dropped), 'gap'));
        }
        this.#log.append(...added);
        while (this.#log.childElementCount > mostLines) {
            this.#log.firstElementChild.remove();
        }
        if (this.#follows) {
            this.#log.scrollTop = this.#log.scrollHeight;
        }
    }

    /** Newest first. */
    addEvents(events) {
        const list = document.querySelector('#events');
        for (const { event, time: at, details } of [...events].reverse()) {
            const item = document.createElement('li');
            const why = details?.reason ? ` (${details.reason})` : '';
            item.textContent = `${at ? time(at) : ''} ${event}${why}`;
            list.prepend(item);
        }
        while (list.childElementCount > mostEvents) {
            list.lastElementChild.remove();
        }
    }
}

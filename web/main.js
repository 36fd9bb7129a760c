// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import { Connection } from './connection.js';
import { Detail } from './detail.js';
import { remember, Table } from './table.js';
import { words } from './words.js';

const processes = new Map();
const connection = new Connection();
let isLive = false;
let mayAct = false;
let isDue = false;
/** By a link to it, until it is there. */
let wanted = decodeURIComponent(location.hash.match(/^#\/process\/(.+)$/)?.[1] ?? '');

/** Once per frame, and not while nobody looks. */
function renderSoon() {
    if (isDue || document.hidden) {
        return;
    }
    isDue = true;
    requestAnimationFrame(() => {
        isDue = false;
        table.render([...processes.values()], { mayAct, isLive });
        const chosen = processes.get(detail.id);
        if (chosen) {
            detail.render(chosen);
        }
    });
}

function note(text, failed = false) {
    const place = document.querySelector('#note');
    place.textContent = text;
    place.className = failed ? 'failed' : '';
}

function confirmed(question, yes) {
    const dialog = document.querySelector('#question');
    dialog.querySelector('p').textContent = question;
    dialog.querySelector('[value="no"]').textContent = words.keep;
    dialog.querySelector('[value="yes"]').textContent = yes;
    dialog.returnValue = 'no';
    dialog.showModal();
    return new Promise((resolve) => {
        dialog.onclose = () => resolve(dialog.returnValue === 'yes');
    });
}

async function act(action, { id, name }) {
    if (action === 'delete' && !(await confirmed(words.askDelete(name), words.actions.delete))) {
        return;
    }
    try {
        const { message } = await connection.ask('command', { action, process: id });
        note(message);
    } catch (error) {
        note(words.failed(words.actionsOf(words.actions[action], name), error.message), true);
    }
}

async function showDetail(id) {
    const process = processes.get(id);
    detail.show(process);
    location.hash = process ? `#/process/${encodeURIComponent(process.name)}` : '';
    await connection.ask('unsubscribe', { events: ['log_message'] }).catch(() => {});
    if (!process || detail.id !== id) {
        return;
    }
    try {
        const { events } = await connection.ask('get_events', { process: id, limit: 20 });
        if (detail.id === id) {
            detail.addEvents(events);
        }
        await connection.ask('subscribe', { events: ['log_message'], processes: [process.name], snapshot: false,
                                            batch: true, tail: 200 });
    } catch (error) {
        note(words.failed(process.name, error.message), true);
    }
}

const table = new Table({ onSelect: showDetail, onAction: act });
const detail = new Detail({ onClose: () => table.select(detail.id) });
table.onChange = renderSoon;

const take = {
    process_status(data) {
        const known = processes.get(data.id) ?? { cpu: 0, memory: 0, uptime: 0, past: [] };
        processes.set(data.id, Object.assign(known, data));
        if (wanted === data.name) {
            wanted = '';
            table.select(data.id);
        }
    },
    process_metrics({ processes: samples }) {
        for (const sample of samples) {
            const known = processes.get(sample.id);
            if (known) {
                Object.assign(known, sample);
                remember(known, sample.cpu);
            }
        }
    },
    process_event(data) {
        if (data.event === 'deleted') {
            processes.delete(data.process_id);
            if (detail.id === data.process_id) {
                table.select(detail.id);
            }
        } else if (detail.id === data.process_id) {
            detail.addEvents([data]);
        }
    },
    log_batch(data) {
        if (data.process_id === detail.id) {
            detail.addLines(data);
        }
    },
    error({ message }) {
        note(message, true);
    },
};

connection.addEventListener('message', ({ detail: { type, data } }) => {
    take[type]?.(data);
    renderSoon();
});

connection.addEventListener('open', async ({ detail: { role } }) => {
    processes.clear(); // what was deleted meanwhile is not told
    try {
        await connection.ask('subscribe', { events: ['process_status', 'process_metrics', 'process_event'] });
        const system = await connection.ask('get_system');
        mayAct = ['control', 'admin'].includes(role ?? system.role);
        document.querySelector('#host').textContent = `${system.hostname} · ${system.version}`;
    } catch {
        return; // it is lost again, and says so
    }
    isLive = true;
    document.querySelector('#role').textContent = mayAct ? words.mayAct : words.readOnly;
    const state = document.querySelector('#connection');
    state.textContent = words.live;
    state.className = 'live';
    if (detail.id !== null) {
        showDetail(detail.id);
    }
    renderSoon();
});

connection.addEventListener('lost', ({ detail: { again } }) => {
    isLive = false;
    const state = document.querySelector('#connection');
    state.textContent = words.lost(Math.ceil(again / 1000));
    state.className = '';
    renderSoon();
});

document.addEventListener('visibilitychange', renderSoon);
document.querySelector('#connection').textContent = words.connecting;
connection.connect();

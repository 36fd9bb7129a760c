// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import { bytes, duration, percent } from './format.js';
import { words } from './words.js';

const points = 60;
const svg = 'http://www.w3.org/2000/svg';
const statuses = ['online', 'starting', 'restarting', 'stopping', 'stopped', 'errored'];

// One row for each column; `write` puts the process into its cell.
const columns = [
    { key: 'name', write: (cell, process, table) => nameCell(cell, process, table), sort: (p) => p.name },
    { key: 'status', write: (cell, { status }) => {
        cell.firstElementChild ?? cell.append(document.createElement('span'));
        setText(cell.firstElementChild, status);
        cell.firstElementChild.className = `status ${status}`;
    }, sort: (p) => statuses.indexOf(p.status) },
    { key: 'cpu', number: true, write: (cell, p) => setText(cell, p.pid ? percent(p.cpu) : '–'), sort: (p) => -p.cpu },
    { key: 'past', write: (cell, p) => drawPast(cell, p.past) },
    { key: 'memory', number: true, write: (cell, p) => setText(cell, p.pid ? bytes(p.memory) : '–'),
      sort: (p) => -p.memory },
    { key: 'uptime', number: true, write: (cell, p) => setText(cell, p.pid ? duration(p.uptime) : '–'),
      sort: (p) => -p.uptime },
    { key: 'restarts', number: true, write: (cell, p) => setText(cell, p.restarts), sort: (p) => -p.restarts },
    { key: 'port', number: true, write: (cell, p) => setText(cell, p.port ?? '–'), sort: (p) => p.port ?? 65_536 },
    { key: 'pid', number: true, write: (cell, p) => setText(cell, p.pid ?? '–'), sort: (p) => p.pid ?? Infinity },
];

function setText(node, text) {
    const wanted = String(text);
    if (node.textContent !== wanted) { // a change costs a layout
        node.textContent = wanted;
    }
}

function nameCell(cell, process, table) {
    cell.className = 'name';
    let button = cell.firstElementChild;
    if (!button) {
        button = document.createElement('button');
        button.type = 'button';
        button.onclick = () => table.select(process.id);
        cell.append(button);
    }
    setText(button, process.name);
}

function drawPast(cell, past) {
    let line = cell.querySelector('polyline');
    if (!line) {
        const picture = document.createElementNS(svg, 'svg');
        picture.setAttribute('class', 'past');
        picture.setAttribute('viewBox', `0 0 ${points} 16`);
        picture.setAttribute('aria-hidden', 'true');
        line = picture.appendChild(document.createElementNS(svg, 'polyline'));
        cell.append(picture);
    }
    const top = Math.max(1, ...past);
    line.setAttribute('points', past.map((cpu, i) => `${points - past.length + i},${15 - 14 * cpu / top}`).join(' '));
}

export function remember(process, cpu) {
    process.past.push(cpu);
    if (process.past.length > points) {
        process.past.shift();
    }
}

/** The processes, by what people chose. Calls `onSelect(id)` and `onAction(action, process)`. */
export class Table {
    #rows = new Map();
    #order = columns[0];
    #descends = false;
    #status = null;
    #filter = '';

    constructor({ onSelect, onAction }) {
        this.onSelect = onSelect;
        this.onAction = onAction;
        this.body = document.querySelector('tbody');
        this.selected = null;
        const head = document.querySelector('thead tr');
        for (const column of columns) {
            const cell = document.createElement('th');
            cell.scope = 'col';
            if (column.number) {
                cell.className = 'number';
            }
            const label = document.createElement(column.sort ? 'button' : 'span');
            label.textContent = words.columns[column.key];
            if (column.sort) {
                label.type = 'button';
                label.onclick = () => this.#sortBy(column);
            }
            cell.append(label);
            column.head = cell;
            head.append(cell);
        }
        head.append(document.createElement('td'));
        const input = document.querySelector('#filter');
        input.placeholder = input.ariaLabel = words.filter;
        input.oninput = () => {
            this.#filter = input.value.trim().toLowerCase();
            this.onChange();
        };
        this.#sortBy(columns[0]);
    }

    /** What was chosen is another: somebody has to call render(). */
    onChange() {}

    #sortBy(column) {
        this.#descends = this.#order === column && !this.#descends && column.head.ariaSort !== null;
        this.#order = column;
        for (const { head } of columns) {
            head.ariaSort = null;
        }
        column.head.ariaSort = this.#descends ? 'descending' : 'ascending';
        this.onChange();
    }

    select(id) {
        this.selected = this.selected === id ? null : id;
        this.onSelect(this.selected);
        this.onChange();
    }

    #tiles(processes) {
        const tiles = document.querySelector('#tiles');
        for (const status of statuses) {
            let tile = tiles.querySelector(`[data-status="${status}"]`);
            if (!tile) {
                tile = document.createElement('button');
                tile.type = 'button';
                tile.dataset.status = status;
                tile.className = `status ${status}`;
                tile.onclick = () => {
                    this.#status = this.#status === status ? null : status;
                    this.onChange();
                };
                tiles.append(tile);
            }
            setText(tile, `${processes.filter((p) => p.status === status).length} ${status}`);
            tile.ariaPressed = String(this.#status === status);
        }
    }

    #isShown(process) {
        const text = `${process.name} ${process.namespace} ${process.status}`.toLowerCase();
        return (!this.#status || process.status === this.#status) && text.includes(this.#filter);
    }

    #inOrder(processes) {
        const { sort } = this.#order;
        const sign = this.#descends ? -1 : 1;
        const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
        return processes.sort((a, b) => sign * compare(sort(a), sort(b)) || a.id - b.id);
    }

    #rowOf(process, mayAct) {
        let row = this.#rows.get(process.id);
        if (!row) {
            row = document.createElement('tr');
            for (const column of columns) {
                row.append(document.createElement('td'));
                row.lastElementChild.className = column.number ? 'number' : '';
            }
            const cell = document.createElement('td');
            cell.className = 'actions';
            for (const action of Object.keys(words.actions)) {
                const button = document.createElement('button');
                button.type = 'button';
                button.dataset.action = action;
                button.textContent = words.actions[action];
                button.onclick = () => this.onAction(action, process);
                cell.append(button);
            }
            row.append(cell);
            this.#rows.set(process.id, row);
        }
        columns.forEach((column, i) => column.write(row.children[i], process, this));
        const isUp = !['stopped', 'errored'].includes(process.status);
        for (const button of row.lastElementChild.children) {
            const { action } = button.dataset;
            button.disabled = !mayAct || (action === 'start' && isUp) || (action === 'stop' && !isUp);
            button.ariaLabel = words.actionsOf(button.textContent, process.name);
        }
        row.ariaSelected = String(process.id === this.selected);
        return row;
    }

    render(processes, { mayAct, isLive }) {
        this.#tiles(processes);
        const ids = new Set(processes.map(({ id }) => id));
        for (const [id, row] of this.#rows) {
            if (!ids.has(id)) {
                row.remove();
                this.#rows.delete(id);
            }
        }
        const shown = this.#inOrder(processes.filter((process) => this.#isShown(process)));
        const rows = shown.map((process) => this.#rowOf(process, mayAct && isLive));
        // Rows that stand where they should are not touched: the focus stays.
        rows.forEach((row, i) => {
            if (this.body.children[i] !== row) {
                this.body.insertBefore(row, this.body.children[i] ?? null);
            }
        });
        while (this.body.children.length > rows.length) {
            this.body.lastElementChild.remove();
        }
        this.body.className = isLive ? '' : 'stale';
        setText(document.querySelector('caption'), words.processes(shown.length, processes.length));
        const empty = document.querySelector('#empty');
        empty.hidden = shown.length > 0 || !isLive;
        setText(empty, processes.length ? words.noMatch : words.noProcesses);
    }
}

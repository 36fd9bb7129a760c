// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

/** Everything that people read on the page. */
export const words = {
    connecting: 'Connecting…',
    live: 'Live',
    lost: (seconds) => `Connection lost; trying again in ${seconds} s`,
    readOnly: 'Read only: open the page by “pmdaemon web” to act',
    mayAct: 'You may act',
    filter: 'Filter by name, namespace or status',
    processes: (shown, all) => shown === all ? `${all} processes` : `${shown} of ${all} processes`,
    noProcesses: 'Nothing is supervised yet: pmdaemon start SCRIPT',
    noMatch: 'No process matches',
    columns: { name: 'Name', status: 'Status', cpu: 'CPU', past: 'CPU, 1 min', memory: 'Memory', uptime: 'Uptime',
               restarts: 'Restarts', port: 'Port', pid: 'PID' },
    actions: { start: 'Start', stop: 'Stop', restart: 'Restart', delete: 'Delete' },
    actionsOf: (action, name) => `${action} ${name}`,
    close: 'Close',
    log: 'Log',
    events: 'Events',
    newLines: 'To the newest line ▼',
    dropped: (count) => `— ${count} lines left out —`,
    askDelete: (name) => `Delete ${name}? It is stopped, and its definition is forgotten.`,
    keep: 'Keep it',
    failed: (what, why) => `${what}: ${why}`,
    facts: { namespace: 'Namespace', health: 'Health', exit_code: 'Last exit code', reason: 'Reason',
             created_at: 'Defined', started_at: 'Started' },
};

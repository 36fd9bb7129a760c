// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// The examples of websocket-api.txt, taken from that page at run time, so that what is tested is
// what is documented.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const require = createRequire(import.meta.url);

const page = readFileSync(new URL('../websocket-api.txt', import.meta.url), 'utf8').split('\n');

/** The lines between two headings of the page. Each heading must stand there exactly once. */
function section(heading, next) {
    const [from, to] = [heading, next].map((text) => {
        const at = page.indexOf(text);
        if (at < 0 || page.lastIndexOf(text) !== at) {
            throw new Error(`websocket-api.txt: '${text}' is not there exactly once`);
        }
        return at;
    });
    return page.slice(from + 1, to).join('\n');
}

/** The page has lost its indentation, which Python needs: one digit a line brings it back. */
function indented(text, levels) {
    const lines = text.split('\n');
    if (lines.length !== levels.length) {
        throw new Error(`${lines.length} lines, ${levels.length} levels`);
    }
    return lines.map((line, i) => '    '.repeat(levels[i]) + line).join('\n');
}

export const basicConnection = section('Basic Connection', 'Connection with Authentication (Future)');
export const authentication = section('Connection with Authentication (Future)', 'Message Format');
export const browserClass = section('JavaScript/Browser', 'Node.js');
export const nodeClient = section('Node.js', 'Python');
export const pythonClient = indented(section('Python', 'Real-time Dashboard Example'),
    '0000' + '122' + '122' + '1233' + '12223234' + '2333' + '122222222' + '1222222222' + '00' + '111111' + '01');
export const dashboard = section('Real-time Dashboard Example', 'Best Practices');
export const robustClient = section('1. Handle Connection Failures', '2. Efficient Event Filtering');
export const eventFiltering = section('2. Efficient Event Filtering', '3. Message Queuing');
export const messageQueuing = section('3. Message Queuing', 'Next Steps');

/**
 * A program of the example's class, `additions` (the body of a subclass with what the class itself
 * leaves out) and the example's usage, which creates the subclass under the documented name.
 */
export function withSubclass(example, className, additions) {
    const [definition, usage] = example.split('// Usage\n');
    return `const Documented = (() => {\n${definition}\nreturn ${className};\n})();
class ${className} extends Documented {\n${additions}\n}\n${usage}`;
}

/** The class that an example defines. */
export function classOf(example, className, globals) {
    const [definition] = example.split('// Usage\n');
    return new Function(...Object.keys(globals), `${definition}\nreturn ${className};`)(
        ...Object.values(globals));
}

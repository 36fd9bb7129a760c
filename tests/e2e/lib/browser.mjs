// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import { createServer } from 'node:http';
import { once } from 'node:events';

import { require } from './examples.mjs';
import { Journal, patience } from './journal.mjs';

const { chromium } = require('playwright-core');

const quietStart = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
                    '--disable-background-networking', '--disable-component-update'];

/** Chromium with an empty profile, and the pages that a test writes, served from another port. */
export class Browser {
    #pages = new Map();

    static async launch(args = []) {
        const browser = new Browser();
        browser.server = createServer((request, response) => {
            const body = browser.#pages.get(request.url);
            response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'text/html; charset=utf-8' });
            response.end(body);
        }).listen(0, '127.0.0.1');
        await once(browser.server, 'listening');
        browser.chromium = await chromium.launch({
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
            chromiumSandbox: false, // it runs as root in continuous integration
            args: [...quietStart, ...args],
        });
        return browser;
    }

    async close() {
        await this.chromium.close();
        this.server.closeAllConnections();
        this.server.close();
    }

    /**
     * Opens `html` as a page of `host`. On it: `page.log`, a journal of {kind, text, args} of its
     * console and its uncaught errors, and `page.shown`, what stood in the body at any moment and
     * should never.
     */
    async open(name, html, host = 'localhost') {
        this.#pages.set(`/${name}`, html);
        return this.visit(`http://${host}:${this.server.address().port}/${name}`);
    }

    /** The same of a page that somebody else serves. */
    async visit(url) {
        const page = await this.chromium.newPage();
        page.setDefaultTimeout(patience);
        page.log = new Journal();
        page.on('pageerror', (error) => page.log.add({ kind: 'uncaught', text: error.message }));
        page.on('console', async (message) => {
            const args = await Promise.all(message.args().map((arg) => arg.jsonValue().catch(() => null)));
            page.log.add({ kind: message.type(), text: message.text(), args });
        });
        await page.addInitScript(() => {
            window.neverMeant = [];
            new MutationObserver(() => {
                const text = document.body?.innerText ?? '';
                const classes = [...document.querySelectorAll('[class]')].map((e) => e.className).join(' ');
                if (/undefined|NaN/.test(text + classes)) {
                    window.neverMeant.push(text + classes);
                }
            }).observe(document, { childList: true, subtree: true, characterData: true });
        });
        await page.goto(url);
        return page;
    }
}

export function script(code) {
    return `<!DOCTYPE html><title>example</title><body><script>\n${code}\n</script>`;
}

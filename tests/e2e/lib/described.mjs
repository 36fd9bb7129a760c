// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

import assert from 'node:assert/strict';

import { require } from './examples.mjs';

const Ajv = require('ajv/dist/2020');

/** The same schema for which a field that it does not name is wrong. */
function strict(schema) {
    if (Array.isArray(schema)) {
        return schema.map(strict);
    }
    if (typeof schema !== 'object' || schema === null) {
        return schema;
    }
    const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
    return copy.properties && copy.additionalProperties === undefined && typeof copy.type === 'string'
        ? { ...copy, additionalProperties: false } : copy;
}

/** Documents with schemas, by file name; they may refer to each other. */
export class Described {
    #ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });

    constructor(documents) {
        for (const [name, { components }] of Object.entries(documents)) {
            this.#ajv.addSchema({ $id: name, components: strict(components) });
        }
    }

    /** Fails unless `value` is as this schema, of that document, says: no field less and none more. */
    check(name, schema, value, what) {
        const relocated = JSON.parse(JSON.stringify(strict(schema)).replaceAll('"#/', `"${name}#/`));
        const validate = this.#ajv.compile(relocated);
        assert.ok(validate(value), `${what}: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
    }
}

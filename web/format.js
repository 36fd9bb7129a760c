// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

const one = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Bytes, in powers of 1024. */
export function bytes(count) {
    let unit = 0;
    while (count >= 1024 && unit < 4) {
        count /= 1024;
        ++unit;
    }
    return `${one.format(count)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit]}`;
}

export function percent(value) {
    return `${one.format(value)} %`;
}

/** Milliseconds, in the two largest units. */
export function duration(ms) {
    const seconds = Math.floor(ms / 1000);
    const parts = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']];
    const first = parts.findIndex(([size]) => seconds >= size);
    if (first < 0) {
        return '0 s';
    }
    return parts.slice(first, first + 2)
        .map(([size, name], i) => `${Math.floor((i ? seconds % parts[first][0] : seconds) / size)} ${name}`)
        .join(' ');
}

export function time(text) {
    return new Date(text).toLocaleString();
}

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/crc32c.h"

namespace pmdaemon {

namespace {

constexpr uint32_t polynomial = 0x82f63b78;

/// By half bytes: the records are small, and so shall the table be.
struct Table
{
    uint32_t entries[16];

    constexpr Table()
        : entries{}
    {
        for (uint32_t i = 0; i < 16; ++i) {
            uint32_t value = i;
            for (int bit = 0; bit < 4; ++bit)
                value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
            entries[i] = value;
        }
    }
};
constexpr Table table;

} // namespace

uint32_t crc32c(const void *bytes, size_t size, uint32_t before)
{
    uint32_t crc = ~before;
    const unsigned char *byte = static_cast<const unsigned char *>(bytes);
    for (; size > 0; --size, ++byte) {
        crc ^= *byte;
        crc = crc >> 4 ^ table.entries[crc & 15];
        crc = crc >> 4 ^ table.entries[crc & 15];
    }
    return ~crc;
}

} // namespace pmdaemon

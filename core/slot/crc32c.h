// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pmdaemon {

/// CRC-32C (Castagnoli) of `size` bytes; `before` is the checksum of what precedes them.
uint32_t crc32c(const void *bytes, size_t size, uint32_t before = 0);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <errno.h>
#include <stdint.h>

namespace pmdaemon {

/// How long a start that failed for a shortage waits at least, in ms.
constexpr int64_t shortageDelay = 1'000;

/// Whether a start that failed with this errno may succeed soon, whatever the specification says.
constexpr bool isShortage(int code)
{
    switch (code) {
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
    case ETXTBSY: // the program is just being replaced
        return true;
    default:
        return false;
    }
}

} // namespace pmdaemon

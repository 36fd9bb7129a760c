// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stdint.h>

namespace pmdaemon {

/// Bounds the restarts of all shims of a home together: 50 per second, 100 at once. They share one
/// number in a mapped file: when the restarts granted so far would all be over at that rate.
class RestartBudget
{
public:
    RestartBudget() = default;
    ~RestartBudget();
    RestartBudget(const RestartBudget &) = delete;
    RestartBudget &operator=(const RestartBudget &) = delete;

    /// Opens or makes the file; 0 or an errno, and then nothing is bounded.
    int open(const char *path);
    /// Takes the next place and says how long it is until then, in ms. `now` is boot time in ms.
    int64_t take(int64_t now);

private:
    int64_t *m_takenUntil = nullptr;
};

} // namespace pmdaemon

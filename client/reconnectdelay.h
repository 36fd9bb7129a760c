// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <algorithm>
#include <chrono>

namespace pmdaemon {

/// How long to wait before the next attempt after `failures` failed ones (≥ 1): 0.5 s, doubling to
/// 30 s, each ±20 % by `random` in [0, 1), so that a thousand clients do not come back in step.
inline std::chrono::milliseconds reconnectDelay(int failures, double random)
{
    constexpr double first = 500;
    constexpr double longest = 30'000;
    const int doublings = std::clamp(failures - 1, 0, 16);
    const double base = std::min(longest, first * (1 << doublings));
    return std::chrono::milliseconds(static_cast<int>(base * (0.8 + 0.4 * random)));
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QMetaType>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace pmdaemon {

/// The last minute of one figure at one value per second; NaN where there was none. No allocation,
/// read in place by the delegate.
class SparkRing
{
public:
    static constexpr std::size_t Capacity = 60;

    void push(float value)
    {
        m_values[m_next] = value;
        m_next = (m_next + 1) % Capacity;
        if (m_size < Capacity)
            ++m_size;
    }
    /// Whether pushing `value` would leave the picture as it is.
    bool isFlatAt(float value) const
    {
        for (std::size_t i = 0; i < m_size; ++i) {
            const float held = at(i);
            if (held != value && !(std::isnan(held) && std::isnan(value)))
                return false;
        }
        return m_size == Capacity || (std::isnan(value) && m_size > 0);
    }

    std::size_t size() const { return m_size; }
    /// 0 is the oldest; i < size().
    float at(std::size_t i) const { return m_values[(m_next + Capacity - m_size + i) % Capacity]; }
    static constexpr float gap() { return std::numeric_limits<float>::quiet_NaN(); }

private:
    std::array<float, Capacity> m_values{};
    std::size_t m_next = 0;
    std::size_t m_size = 0;
};

} // namespace pmdaemon

Q_DECLARE_METATYPE(const pmdaemon::SparkRing *)

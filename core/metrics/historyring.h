// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtGlobal>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace pmdaemon {

/// The means of `Channels` figures over equal steps of time, the newest `capacity` of them. Steps
/// are numbered: floor(time / step). It takes memory as it fills, 4 bytes a figure.
template <std::size_t Channels>
class HistoryRing
{
public:
    using Sample = std::array<double, Channels>;

    HistoryRing(qint64 step, qint64 capacity)
        : m_step(step)
        , m_capacity(capacity)
    {}

    qint64 step() const { return m_step; }

    /// `time` in the unit of `step`. A clock that was set back takes the steps after it away.
    void add(qint64 time, const Sample &sample)
    {
        const qint64 number = time / m_step;
        if (m_count > 0 && number != m_current)
            finish();
        if (number < m_next)
            dropFrom(number);
        m_current = number;
        for (std::size_t i = 0; i < Channels; ++i)
            m_sum[i] += sample[i];
        ++m_count;
    }

    /// Whether it holds all that it was ever given, or at least all from `time` on.
    bool reachesBackTo(qint64 time) const
    {
        return !m_forgot || (m_next - qint64(m_points.size())) * m_step <= time;
    }

    /// Calls `visit(end of the step, sample)` for each step that overlaps [from, to], oldest first;
    /// the newest one may not be over yet.
    template <typename Visit>
    void forEach(qint64 from, qint64 to, Visit visit) const
    {
        const qint64 oldest = m_next - qint64(m_points.size());
        const qint64 first = std::max(oldest, from / m_step);
        const qint64 last = std::min(m_next - 1, to / m_step);
        for (qint64 number = first; number <= last; ++number) {
            const Point &point = m_points[index(number)];
            if (!std::isnan(point[0]))
                visit((number + 1) * m_step, toSample(point));
        }
        if (m_count > 0 && m_current >= from / m_step && m_current <= to / m_step)
            visit((m_current + 1) * m_step, mean());
    }

private:
    using Point = std::array<float, Channels>; // NaN first: nothing was sampled in this step
    static constexpr std::size_t chunk = 60;

    static Sample toSample(const Point &point)
    {
        Sample sample;
        std::copy(point.begin(), point.end(), sample.begin());
        return sample;
    }

    Sample mean() const
    {
        Sample sample = m_sum;
        for (double &value : sample)
            value /= m_count;
        return sample;
    }

    /// Where step `number` lies: the oldest is at m_start once the ring is full.
    std::size_t index(qint64 number) const
    {
        const qint64 oldest = m_next - qint64(m_points.size());
        return (m_start + std::size_t(number - oldest)) % m_points.size();
    }

    void finish()
    {
        Point gap;
        gap.fill(std::numeric_limits<float>::quiet_NaN());
        if (m_points.empty() || m_current - m_next >= m_capacity) {
            m_forgot = m_forgot || !m_points.empty();
            clear();
            m_next = m_current;
        }
        while (m_next < m_current)
            push(gap);
        Point point;
        const Sample sample = mean();
        std::transform(sample.begin(), sample.end(), point.begin(),
                       [](double value) { return float(value); });
        push(point);
        m_sum.fill(0);
        m_count = 0;
    }

    void push(const Point &point)
    {
        ++m_next;
        if (qint64(m_points.size()) < m_capacity) {
            if (m_points.size() == m_points.capacity())
                m_points.reserve(std::min(m_points.size() + chunk, std::size_t(m_capacity)));
            m_points.push_back(point);
            return;
        }
        m_forgot = true;
        m_points[m_start] = point;
        m_start = (m_start + 1) % m_points.size();
    }

    void dropFrom(qint64 number)
    {
        std::rotate(m_points.begin(), m_points.begin() + qint64(m_start), m_points.end());
        m_start = 0;
        const qint64 oldest = m_next - qint64(m_points.size());
        m_points.resize(std::size_t(std::max<qint64>(number - oldest, 0)));
        m_next = number;
    }

    void clear()
    {
        m_points.clear();
        m_start = 0;
    }

    qint64 m_step;
    qint64 m_capacity;
    std::vector<Point> m_points;
    std::size_t m_start = 0;
    qint64 m_next = 0; ///< the number of the step after the newest point
    qint64 m_current = 0;
    Sample m_sum{};
    int m_count = 0;
    bool m_forgot = false;
};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"

#include <QWidget>

#include <deque>

namespace pmdaemon {

class Chart;

/// CPU and memory of a Backend's machine over the last five minutes: what it remembers first, then
/// what arrives. Whoever shows it keeps the system metrics watched.
class SystemChart : public QWidget
{
    Q_OBJECT

public:
    explicit SystemChart(Backend &backend, QWidget *parent = nullptr);

    /// The samples held, at most five minutes of them.
    std::size_t sampleCount() const { return m_samples.size(); }
    Chart &chart() { return *m_chart; }

protected:
    void changeEvent(QEvent *event) override;

private:
    struct Sample
    {
        WallTime time{};
        double cpu = 0;
        double memory = 0;
    };

    void loadHistory();
    void fill(const History &history, qint64 memoryTotal);
    void add(const SystemMetrics &metrics);
    void hand();
    void retranslate();

    Backend &m_backend;
    Chart *m_chart;
    int m_cpu;
    int m_memory;
    std::deque<Sample> m_samples;
};

} // namespace pmdaemon

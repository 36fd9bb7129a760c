// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/metrics/metricshistory.h"
#include "core/model/metrics.h"

#include <QObject>

#include <map>
#include <memory>

namespace pmdaemon {

/// Samples exactly what is watched, at the intervals asked for, with one timer per interval;
/// nothing watched, no timer. Keeps the past beside that, as keepHistory() says; a new descendant
/// of a process that nobody watches is then found at every third reading.
class MetricsSampler : public QObject
{
    Q_OBJECT

public:
    /// `procRoot` is /proc or a fixture; `diskPath` lies on the file system whose size is reported.
    MetricsSampler(const QString &procRoot, const QString &diskPath, QObject *parent = nullptr);
    ~MetricsSampler() override;

    /// A process exists from now on; `pid` 0 = it is known but not running (its samples are zeros).
    /// Another pid or start is another run; the same again changes nothing.
    void track(ProcessId id, qint64 pid, WallTime startedAt);
    void untrack(ProcessId id);

    /// From now on frames of exactly these processes at exactly these intervals. An interval that
    /// is new gets its first frame in the next event-loop turn.
    void setProcessWatches(const std::map<milliseconds, QList<ProcessId>> &watches);
    void setSystemWatches(const QList<milliseconds> &intervals);
    /// At this interval, and half as often while nobody watches at it; 0 = not.
    void keepHistory(milliseconds interval);

    const MetricsHistory &history() const;
    /// Read now, for an answer to a single question. Rates are since the last sample of the
    /// shortest interval that is watched, else since the last such question.
    ProcessSample sampleNow(ProcessId id);
    SystemMetrics systemNow();

signals:
    void processFrame(const pmdaemon::MetricsFrame &frame);
    void systemSampled(const pmdaemon::SystemMetrics &metrics);
    /// While the past is kept.
    void minuteEnded(const pmdaemon::MetricsMinute &minute);

private:
    void untrackRun(ProcessId id);

    class Private;
    std::unique_ptr<Private> d;
};

} // namespace pmdaemon

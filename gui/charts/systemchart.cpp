// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/charts/systemchart.h"

#include "gui/charts/chart.h"
#include "gui/processes/format.h"

#include <QEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace pmdaemon {

using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr milliseconds interval{1'000};
constexpr auto span = 5min;

double memoryPercent(qint64 used, qint64 total)
{
    return total > 0 ? 100.0 * double(used) / double(total) : 0.0;
}

} // namespace

SystemChart::SystemChart(Backend &backend, QWidget *parent)
    : QWidget(parent)
    , m_backend(backend)
    , m_chart(new Chart(this))
    , m_cpu(m_chart->addSeries({}))
    , m_memory(m_chart->addSeries({}))
{
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_chart);
    m_chart->setObjectName(u"systemChart"_s);
    m_chart->setSpan(span);
    retranslate();
    connect(&backend, &Backend::systemMetrics, this, &SystemChart::add);
    connect(&backend, &Backend::connectionStateChanged, this, &SystemChart::loadHistory);
    loadHistory();
}

void SystemChart::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

void SystemChart::retranslate()
{
    m_chart->setSeriesName(m_cpu, tr("CPU"));
    m_chart->setSeriesName(m_memory, tr("Memory"));
    m_chart->setAccessibleName(tr("CPU and memory of the machine, last five minutes"));
}

void SystemChart::loadHistory()
{
    if (m_backend.connectionState() != ConnectionState::Live)
        return;
    // The history knows bytes; how much memory there is comes with the machine's description.
    m_backend.systemInfo().then(this, [this](const Result<SystemInfo> &info) {
        if (!info)
            return;
        const qint64 total = info->metrics.memoryTotal;
        const WallTime now = info->time;
        m_backend.history({}, now - span, now, interval)
            .then(this, [this, total](const Result<History> &history) {
                if (history)
                    fill(*history, total);
            });
    });
}

void SystemChart::fill(const History &history, qint64 memoryTotal)
{
    std::deque<Sample> past;
    const qsizetype count =
        std::min({history.time.size(), history.cpu.size(), history.memory.size()});
    for (qsizetype i = 0; i < count; ++i) {
        past.push_back({WallTime{milliseconds{history.time[i]}}, history.cpu[i],
                        memoryPercent(history.memory[i], memoryTotal)});
    }
    // What arrived meanwhile is finer: it stays, and the past ends where it begins.
    if (!m_samples.empty() && !past.empty()) {
        const WallTime known = past.back().time;
        std::erase_if(m_samples, [known](const Sample &sample) { return sample.time <= known; });
    }
    past.insert(past.end(), m_samples.begin(), m_samples.end());
    m_samples = std::move(past);
    hand();
}

void SystemChart::add(const SystemMetrics &metrics)
{
    if (metrics.interval != interval)
        return;
    m_samples.push_back(
        {metrics.time, metrics.cpuUsage,
         memoryPercent(metrics.memoryTotal - metrics.memoryAvailable, metrics.memoryTotal)});
    hand();
}

void SystemChart::hand()
{
    if (m_samples.empty())
        return;
    // The daemon's clock counts; a sample from its future or past would draw backwards.
    const WallTime newest = m_samples.back().time;
    std::erase_if(m_samples, [newest](const Sample &sample) {
        return sample.time < newest - span || sample.time > newest;
    });
    QList<QPointF> cpu;
    QList<QPointF> memory;
    for (const Sample &sample : m_samples) {
        const double ago = -std::chrono::duration<double>(newest - sample.time).count();
        cpu.append({ago, sample.cpu});
        memory.append({ago, sample.memory});
    }
    m_chart->setPoints(m_cpu, cpu, percentText(m_samples.back().cpu));
    m_chart->setPoints(m_memory, memory, percentText(m_samples.back().memory));
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/window/statusline.h"

#include "gui/processes/format.h"

#include <QAbstractItemModel>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::array statusOrder{ProcessStatus::Online,   ProcessStatus::Errored,
                                 ProcessStatus::Starting, ProcessStatus::Restarting,
                                 ProcessStatus::Stopping, ProcessStatus::Stopped};

// In the order of ConnectionState.
constexpr std::array connectionWords{
    QT_TRANSLATE_NOOP("pmdaemon::StatusLine", "not connected"),
    QT_TRANSLATE_NOOP("pmdaemon::StatusLine", "connecting"),
    QT_TRANSLATE_NOOP("pmdaemon::StatusLine", "connected"),
    QT_TRANSLATE_NOOP("pmdaemon::StatusLine", "no connection"),
    QT_TRANSLATE_NOOP("pmdaemon::StatusLine", "refused"),
};

QLabel *addLabel(QLayout *layout, const QString &name, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    layout->addWidget(label);
    return label;
}

QWidget *separator(QWidget *parent)
{
    auto *line = new QFrame(parent);
    line->setFrameStyle(int(QFrame::VLine) | int(QFrame::Sunken));
    return line;
}

} // namespace

QString countsText(const QList<ProcessEntry> &processes)
{
    std::array<int, statusOrder.size()> counts{};
    for (const ProcessEntry &entry : processes)
        ++counts[std::size_t(entry.status)];
    const auto all = int(processes.size());
    QStringList parts;
    for (const ProcessStatus status : statusOrder) {
        if (const int count = counts[std::size_t(status)]; count > 0)
            parts.append(QString::number(count) + u' ' + statusWord(status));
    }
    const QString total =
        QCoreApplication::translate("pmdaemon::StatusLine", "%n process(es)", nullptr, all);
    //: a count of processes: the counts by status
    return parts.isEmpty() ? total
                           : QCoreApplication::translate("pmdaemon::StatusLine", "%1: %2")
                                 .arg(total, parts.join(u", "));
}

QString systemText(const SystemMetrics &metrics)
{
    constexpr double gibibyte = 1024.0 * 1024 * 1024;
    const QLocale locale;
    const auto size = [&locale](qint64 bytes) {
        return locale.toString(double(bytes) / gibibyte, 'f', 1);
    };
    return QCoreApplication::translate("pmdaemon::StatusLine", "CPU %1 %   Mem %2/%3 GiB   Load %4")
        .arg(locale.toString(metrics.cpuUsage, 'f', 0),
             size(metrics.memoryTotal - metrics.memoryAvailable), size(metrics.memoryTotal),
             locale.toString(metrics.loadOne, 'f', 2));
}

QString connectionWord(ConnectionState state)
{
    return QCoreApplication::translate("pmdaemon::StatusLine", connectionWords[std::size_t(state)]);
}

StatusLine::StatusLine(Backend &backend, const QString &host, const QAbstractItemModel &shown,
                       QWidget *parent)
    : QWidget(parent)
    , m_backend(backend)
    , m_host(host)
    , m_shown(shown)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(4, 0, 4, 0);
    layout->setSpacing(10);
    m_counts = addLabel(layout, u"statusCounts"_s, this);
    layout->addWidget(separator(this));
    m_filter = addLabel(layout, u"statusFilter"_s, this);
    layout->addWidget(separator(this));
    m_system = addLabel(layout, u"statusSystem"_s, this);
    layout->addStretch(1);
    m_connection = addLabel(layout, u"statusConnection"_s, this);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(0);
    connect(&m_refresh, &QTimer::timeout, this, &StatusLine::refresh);
    connect(&backend, &Backend::statusChanged, this, &StatusLine::refreshLater);
    connect(&backend, &Backend::processRemoved, this, &StatusLine::refreshLater);
    connect(&shown, &QAbstractItemModel::rowsInserted, this, &StatusLine::refreshLater);
    connect(&shown, &QAbstractItemModel::rowsRemoved, this, &StatusLine::refreshLater);
    connect(&backend, &Backend::connectionStateChanged, this, &StatusLine::refreshLater);
    connect(&backend, &Backend::systemMetrics, this,
            [this](const SystemMetrics &metrics) { m_system->setText(systemText(metrics)); });
    refresh();
}

void StatusLine::retranslate()
{
    refresh();
}

void StatusLine::refreshLater()
{
    if (!m_refresh.isActive())
        m_refresh.start();
}

void StatusLine::refresh()
{
    m_counts->setText(countsText(m_backend.processes()));
    //: how many rows the filter leaves, of how many
    m_filter->setText(
        tr("filter: %1 of %2").arg(m_shown.rowCount()).arg(m_backend.processes().size()));
    //: a host and how it is connected
    m_connection->setText(tr("%1: %2").arg(m_host, connectionWord(m_backend.connectionState())));
}

} // namespace pmdaemon

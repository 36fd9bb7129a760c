// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/prometheus.h"

#include <QJsonObject>
#include <QLocale>
#include <QUrl>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

using Figure = std::optional<double>;

/// A figure of each process.
struct Family
{
    const char *name; ///< without the _total of counters
    const char *type;
    const char *help;
    Figure (*of)(const ProcessDetail &process);
};

Figure whileRunning(const ProcessDetail &process, double figure)
{
    return process.entry.pid ? Figure(figure) : std::nullopt;
}

// Base units, as the Prometheus naming practices want them.
constexpr std::array families = {
    Family{"pmdaemon_process_up", "gauge", "Whether the process is online.",
           [](const ProcessDetail &p) -> Figure {
               return p.entry.status == ProcessStatus::Online ? 1 : 0;
           }},
    Family{"pmdaemon_process_healthy", "gauge",
           "Whether its health check passes; missing where that is not known.",
           [](const ProcessDetail &p) -> Figure {
               if (p.entry.health == HealthStatus::Unknown)
                   return std::nullopt;
               return p.entry.health == HealthStatus::Healthy ? 1 : 0;
           }},
    Family{"pmdaemon_process_restarts", "counter",
           "Restarts since the start that somebody asked for.",
           [](const ProcessDetail &p) -> Figure { return p.entry.restarts; }},
    Family{"pmdaemon_process_cpu_ratio", "gauge",
           "CPU time per time, of the process and its descendants; 1 is one core.",
           [](const ProcessDetail &p) { return whileRunning(p, p.sample.cpu / 100); }},
    Family{"pmdaemon_process_memory_bytes", "gauge",
           "Resident memory of the process and its descendants.",
           [](const ProcessDetail &p) { return whileRunning(p, double(p.sample.memory)); }},
    Family{"pmdaemon_process_start_time_seconds", "gauge", "When it was started, since 1970.",
           [](const ProcessDetail &p) -> Figure {
               if (!p.entry.startedAt)
                   return std::nullopt;
               return double(p.entry.startedAt->time_since_epoch().count()) / 1'000;
           }},
};

constexpr std::array statuses = {ProcessStatus::Stopped, ProcessStatus::Starting,
                                 ProcessStatus::Online,  ProcessStatus::Stopping,
                                 ProcessStatus::Errored, ProcessStatus::Restarting};

QByteArray escaped(const QString &value)
{
    return value.toUtf8().replace('\\', R"(\\)").replace('"', R"(\")").replace('\n', R"(\n)");
}

class Text
{
public:
    explicit Text(Exposition exposition)
        : m_exposition(exposition)
    {}

    void declare(const QByteArray &name, const QByteArray &type, const QByteArray &help)
    {
        const bool isCounter = type == "counter";
        m_sample = name + (isCounter ? "_total" : "");
        const QByteArray &declared = m_exposition == Exposition::OpenMetrics ? name : m_sample;
        m_bytes += "# HELP " + declared + ' ' + help + "\n# TYPE " + declared + ' ' + type + '\n';
    }
    void add(const QByteArray &labels, double value)
    {
        m_bytes += m_sample + labels + ' ' +
                   QByteArray::number(value, 'g', QLocale::FloatingPointShortest) + '\n';
    }
    QByteArray ended() &&
    {
        if (m_exposition == Exposition::OpenMetrics)
            m_bytes += "# EOF\n";
        return std::move(m_bytes);
    }

private:
    Exposition m_exposition;
    QByteArray m_sample;
    QByteArray m_bytes;
};

QByteArray labelsOf(const ProcessEntry &entry)
{
    return "{name=\"" + escaped(entry.name) + "\",app=\"" + escaped(entry.app) +
           "\",instance_number=\"" + QByteArray::number(entry.instance) + "\",namespace=\"" +
           escaped(entry.nameSpace) + "\"}";
}

} // namespace

Exposition expositionFor(QByteArrayView accept)
{
    return accept.contains("application/openmetrics-text") ? Exposition::OpenMetrics
                                                           : Exposition::Prometheus;
}

QByteArray contentTypeOf(Exposition exposition)
{
    return exposition == Exposition::OpenMetrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

QByteArray metricsText(const QList<ProcessDetail> &processes, milliseconds uptime,
                       Exposition exposition)
{
    Text text(exposition);
    text.declare("pmdaemon_version", "gauge", "Always 1; the label is the daemon's version.");
    text.add("{version=\"" PMDAEMON_VERSION "\"}", 1);
    text.declare("pmdaemon_uptime_seconds", "gauge", "For how long the daemon has run.");
    text.add({}, double(uptime.count()) / 1'000);
    QList<QByteArray> labels;
    for (const ProcessDetail &process : processes)
        labels.append(labelsOf(process.entry));
    text.declare("pmdaemon_processes", "gauge", "How many processes have the status.");
    for (const ProcessStatus status : statuses) {
        const auto count = std::count_if(
            processes.cbegin(), processes.cend(),
            [status](const ProcessDetail &process) { return process.entry.status == status; });
        text.add("{status=\"" + QByteArray(toString(status).latin1()) + "\"}", double(count));
    }
    for (const Family &family : families) {
        text.declare(family.name, family.type, family.help);
        for (qsizetype i = 0; i < processes.size(); ++i) {
            if (const Figure figure = family.of(processes[i]))
                text.add(labels[i], *figure);
        }
    }
    return std::move(text).ended();
}

QJsonArray discoveryTargets(const QList<ProcessEntry> &processes, const QString &host)
{
    const auto target = [](const QString &address, const QJsonObject &labels) {
        return QJsonObject{{u"targets"_s, QJsonArray{address}}, {u"labels"_s, labels}};
    };
    QJsonArray targets{target(host, {{u"__meta_pmdaemon_kind"_s, u"daemon"_s}})};
    QUrl machine(u"http://"_s + host);
    for (const ProcessEntry &entry : processes) {
        if (!entry.port || entry.status != ProcessStatus::Online)
            continue;
        machine.setPort(*entry.port);
        targets.append(target(machine.authority(),
                              {{u"__meta_pmdaemon_kind"_s, u"process"_s},
                               {u"__meta_pmdaemon_name"_s, entry.name},
                               {u"__meta_pmdaemon_app"_s, entry.app},
                               {u"__meta_pmdaemon_instance"_s, QString::number(entry.instance)},
                               {u"__meta_pmdaemon_namespace"_s, entry.nameSpace}}));
    }
    return targets;
}

} // namespace pmdaemon

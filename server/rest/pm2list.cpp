// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/pm2list.h"

#include "core/config/pm2dump.h"

#include <QJsonObject>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QLatin1StringView pm2Status(ProcessStatus status)
{
    switch (status) {
    case ProcessStatus::Starting:
        return "launching"_L1;
    case ProcessStatus::Restarting:
        return "waiting restart"_L1;
    case ProcessStatus::Stopped:
    case ProcessStatus::Online:
    case ProcessStatus::Stopping:
    case ProcessStatus::Errored:
        break;
    }
    return toString(status);
}

qint64 sinceEpoch(WallTime time)
{
    return time.time_since_epoch().count();
}

QJsonObject environmentOf(const ProcessDetail &detail)
{
    const ProcessEntry &entry = detail.entry;
    QJsonObject env{{u"name"_s, entry.name},
                    {u"namespace"_s, entry.nameSpace},
                    {u"status"_s, pm2Status(entry.status)},
                    {u"exec_mode"_s, u"fork_mode"_s},
                    {u"restart_time"_s, entry.restarts},
                    {u"created_at"_s, sinceEpoch(entry.createdAt)},
                    {u"pm_out_log_path"_s, detail.outFile},
                    {u"pm_err_log_path"_s, detail.errorFile},
                    {u"NODE_APP_INSTANCE"_s, entry.instance}};
    if (entry.startedAt)
        env.insert(u"pm_uptime"_s, sinceEpoch(*entry.startedAt));
    if (entry.exitCode)
        env.insert(u"exit_code"_s, *entry.exitCode);
    env.insert(u"exec_interpreter"_s, detail.config["interpreter"_L1].toString(u"none"_s));
    for (const Pm2Field &field : pm2Fields()) {
        if (detail.config.contains(field.ours))
            env.insert(field.theirs, detail.config[field.ours]);
    }
    return env;
}

} // namespace

QJsonArray pm2List(const QList<ProcessDetail> &processes)
{
    QJsonArray list;
    for (const ProcessDetail &detail : processes)
        list.append(QJsonObject{{u"pid"_s, detail.entry.pid.value_or(0)},
                                {u"name"_s, detail.entry.name},
                                {u"pm_id"_s, toInt(detail.entry.id)},
                                {u"monit"_s, QJsonObject{{u"memory"_s, detail.sample.memory},
                                                         {u"cpu"_s, detail.sample.cpu}}},
                                {u"pm2_env"_s, environmentOf(detail)}});
    return list;
}

} // namespace pmdaemon

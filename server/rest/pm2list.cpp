// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/pm2list.h"

#include <QJsonObject>

#include <array>

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

struct Renamed
{
    QLatin1StringView ours;
    QLatin1StringView theirs;
};

constexpr std::array configuration = {
    Renamed{"script"_L1, "pm_exec_path"_L1},
    Renamed{"cwd"_L1, "pm_cwd"_L1},
    Renamed{"args"_L1, "args"_L1},
    Renamed{"interpreter"_L1, "exec_interpreter"_L1},
    Renamed{"interpreter_args"_L1, "node_args"_L1},
    Renamed{"instances"_L1, "instances"_L1},
    Renamed{"autorestart"_L1, "autorestart"_L1},
    Renamed{"max_memory_restart"_L1, "max_memory_restart"_L1},
    Renamed{"kill_timeout"_L1, "kill_timeout"_L1},
    Renamed{"cron_restart"_L1, "cron_restart"_L1},
};

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
    for (const Renamed &each : configuration) {
        if (detail.config.contains(each.ours))
            env.insert(each.theirs, detail.config[each.ours]);
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

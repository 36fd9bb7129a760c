// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/pm2dump.h"

#include "core/config/specfields.h"
#include "core/config/specvalues.h"
#include "core/config/strictjson.h"

#include <QFileInfo>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::array sameFields = {
    Pm2Field{"namespace"_L1, "namespace"_L1},
    Pm2Field{"pm_exec_path"_L1, "script"_L1},
    Pm2Field{"pm_cwd"_L1, "cwd"_L1},
    Pm2Field{"args"_L1, "args"_L1},
    Pm2Field{"node_args"_L1, "interpreter_args"_L1},
    Pm2Field{"autorestart"_L1, "autorestart"_L1},
    Pm2Field{"max_restarts"_L1, "max_restarts"_L1},
    Pm2Field{"min_uptime"_L1, "min_uptime"_L1},
    Pm2Field{"restart_delay"_L1, "restart_delay"_L1},
    Pm2Field{"exp_backoff_restart_delay"_L1, "exp_backoff_restart_delay"_L1},
    Pm2Field{"stop_exit_codes"_L1, "stop_exit_codes"_L1},
    Pm2Field{"max_memory_restart"_L1, "max_memory_restart"_L1},
    Pm2Field{"kill_timeout"_L1, "kill_timeout"_L1},
    Pm2Field{"treekill"_L1, "treekill"_L1},
    Pm2Field{"cron_restart"_L1, "cron_restart"_L1},
    Pm2Field{"instance_var"_L1, "instance_var"_L1},
    Pm2Field{"increment_var"_L1, "increment_var"_L1},
};

// What this version cannot do for it.
constexpr std::array missed = {"watch"_L1, "wait_ready"_L1};

// Of the shell that PM2 was called from, and PM2's own.
constexpr std::array foreignVariables = {
    "PWD"_L1,       "OLDPWD"_L1,           "SHLVL"_L1, "_"_L1, "PM2_HOME"_L1,
    "unique_id"_L1, "NODE_APP_INSTANCE"_L1};

bool isSet(const QJsonValue &value)
{
    return !value.isUndefined() && !value.isNull() && value != QJsonValue(false) &&
           value != QJsonValue(QString()) && !(value.isArray() && value.toArray().isEmpty());
}

/// A name that is one here: "my app" is called "my-app".
QString usableName(const QString &name)
{
    QString usable = name;
    for (QChar &c : usable) {
        if (!isValidName(QString(u"a"_s + c)))
            c = u'-';
    }
    return isValidName(usable) ? usable : u"app-"_s + usable;
}

class DumpReader
{
public:
    DumpReader(const QJsonArray &entries, const QProcessEnvironment &ours)
        : m_entries(entries)
        , m_ours(ours)
    {}

    Pm2Dump read();

private:
    void readApp(const QString &name, const QList<QJsonObject> &instances);
    QJsonObject environmentOf(const QJsonObject &entry) const;
    void copyLogs(const QJsonObject &entry, QJsonObject &app) const;
    void notice(const QString &app, const QString &text)
    {
        m_dump.notices.append(app + u": "_s + text);
    }

    const QJsonArray &m_entries;
    const QProcessEnvironment &m_ours;
    Pm2Dump m_dump;
};

Pm2Dump DumpReader::read()
{
    QStringList names;
    QMap<QString, QList<QJsonObject>> instances;
    for (const QJsonValue value : m_entries) {
        const QString name = value["name"_L1].toString();
        if (!names.contains(name))
            names.append(name);
        instances[name].append(value.toObject());
    }
    for (const QString &name : std::as_const(names))
        readApp(name, instances.value(name));
    return std::move(m_dump);
}

QJsonObject DumpReader::environmentOf(const QJsonObject &entry) const
{
    QJsonObject environment;
    const QJsonObject theirs = entry.value("env"_L1).toObject();
    for (auto it = theirs.begin(); it != theirs.end(); ++it) {
        const QString &name = it.key();
        const bool isForeign = it.value().isArray() || it.value().isObject() || // its own notes
                               name.startsWith("PM2_"_L1) || name == entry["name"_L1].toString() ||
                               std::find(foreignVariables.begin(), foreignVariables.end(), name) !=
                                   foreignVariables.end();
        const auto value = EnvironmentValue::parse(QJsonObject{{name, it.value()}});
        if (!isForeign && value && (!m_ours.contains(name) || m_ours.value(name) != value->first()))
            environment.insert(name, it.value());
    }
    return environment;
}

/// Where PM2 chose the file, we do, too.
void DumpReader::copyLogs(const QJsonObject &entry, QJsonObject &app) const
{
    const QString pidFile = entry["pm_pid_path"_L1].toString();
    const QString theirFolder = QFileInfo(QFileInfo(pidFile).path()).path() + "/logs/"_L1;
    for (const auto &[theirs, ours] : {Pm2Field{"pm_out_log_path"_L1, "out_file"_L1},
                                       Pm2Field{"pm_err_log_path"_L1, "error_file"_L1}}) {
        const QString file = entry[theirs].toString();
        if (!file.isEmpty() && file != "/dev/null"_L1 && !file.startsWith(theirFolder))
            app.insert(ours, file);
    }
}

void DumpReader::readApp(const QString &name, const QList<QJsonObject> &instances)
{
    const QJsonObject &entry = instances.first();
    const QString usable = usableName(name);
    if (usable != name)
        notice(usable, u"this is what “%1” is called here"_s.arg(name));
    if (std::all_of(instances.begin(), instances.end(), [](const QJsonObject &instance) {
            return instance["status"_L1] == "stopped"_L1;
        }))
        return notice(usable, u"it is stopped in PM2, and left out"_s);
    QJsonObject app{{u"name"_s, usable}, {u"kill_signal"_s, u"SIGINT"_s}};
    for (const Pm2Field &field : sameFields) {
        if (const QJsonValue value = entry[field.theirs]; !value.isUndefined() && !value.isNull())
            app.insert(field.ours, value);
    }
    const QString interpreter = entry["exec_interpreter"_L1].toString();
    if (!interpreter.isEmpty() && interpreter != "node"_L1)
        app.insert("interpreter"_L1, interpreter);
    if (instances.size() > 1)
        app.insert("instances"_L1, instances.size());
    if (const QJsonObject environment = environmentOf(entry); !environment.isEmpty())
        app.insert("env"_L1, environment);
    copyLogs(entry, app);
    for (const QLatin1StringView key : missed) {
        if (isSet(entry[key]))
            notice(usable, u"%1 is not possible in this version"_s.arg(key));
    }
    if (entry["exec_mode"_L1] == "cluster_mode"_L1 && instances.size() > 1)
        notice(usable,
               u"in PM2's cluster mode all instances share a port; here each needs its own "
               u"(port: \"3000-%1\"), which it finds in PORT"_s.arg(2'999 + instances.size()));
    auto spec = specFromJson(app);
    if (spec)
        m_dump.apps.append(*std::move(spec));
    else
        notice(usable, u"it is left out: "_s + specError(spec.error()).message);
}

} // namespace

std::span<const Pm2Field> pm2Fields()
{
    return sameFields;
}

Result<Pm2Dump> readPm2Dump(const QByteArray &text, const QProcessEnvironment &ours)
{
    const auto parsed = parseStrictJson(text, JsonRules{64, 10'000, 1'000'000, false, false});
    if (!parsed || !parsed->root.isArray())
        return fail(ErrorCode::InvalidConfig,
                    u"expected the list that `pm2 save` writes%1"_s.arg(
                        parsed ? QString() : u": "_s + parsed.error().message));
    return DumpReader(parsed->root.toArray(), ours).read();
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specfields.h"

#include "core/config/configfield.h"
#include "core/config/healthcheckfields.h"
#include "core/config/listenvalue.h"
#include "core/config/specvalues.h"

#include <algorithm>
#include <vector>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// A health check given by one key of its own, `health_check_url` or `health_check_script`.
template <auto Member, CheckType Type, typename Kind>
SpecField flatHealthCheck(QLatin1StringView key, const char *description)
{
    SpecField field{key,     Kind::accepted, description, Kind::schema(),
                    nullptr, nullptr,        nullptr,     true};
    field.read = [](const QJsonValue &value, ProcessSpec &spec) -> std::optional<QString> {
        const auto parsed = Kind::parse(value);
        if (!parsed)
            return notAccepted(value, Kind::accepted);
        if (spec.healthCheck)
            return u"a health check is given twice; keep one of them"_s;
        spec.healthCheck.emplace();
        spec.healthCheck->type = Type;
        *spec.healthCheck.*Member = *parsed;
        return std::nullopt;
    };
    field.write = [](const ProcessSpec &) { return QJsonValue(QJsonValue::Undefined); };
    return field;
}

#define TEXT(text) QT_TRANSLATE_NOOP("SpecField", text)

std::vector<SpecField> programFields()
{
    using S = ProcessSpec;
    const SpecField interpreter = makeField<&S::interpreter, TextValue>(
        "interpreter"_L1, TEXT("What runs the script (by its extension; \"none\": nothing)"));
    const SpecField interpreterArgs = makeField<&S::interpreterArgs, ArgumentsValue>(
        "interpreter_args"_L1, TEXT("Arguments of the interpreter, before the script"));
    const SpecField script = makeField<&S::script, TextValue>(
        "script"_L1, TEXT("A path, a program on PATH, or a command line; no shell is involved"));
    return {
        makeField<&S::name, NameValue>("name"_L1, TEXT("What it is called")),
        makeField<&S::nameSpace, NameValue>("namespace"_L1, TEXT("The group that it belongs to")),
        makeField<&S::instances, InstancesValue>("instances"_L1, TEXT("How many of it run")),
        script,
        makeField<&S::args, ArgumentsValue>("args"_L1, TEXT("Its arguments")),
        interpreter,
        interpreterArgs,
        alias("node_args"_L1, interpreterArgs),
        alias("interpreterArgs"_L1, interpreterArgs),
        alias("exec_interpreter"_L1, interpreter),
        makeField<&S::shell, BoolValue>("shell"_L1, TEXT("Give the script to /bin/sh")),
        makeField<&S::cwd, PathValue>("cwd"_L1, TEXT("The folder that it runs in")),
        makeField<&S::env, EnvironmentValue>("env"_L1, TEXT("Added to its environment")),
        makeField<&S::envFiles, PathsValue>(
            "env_file"_L1, TEXT("Files with more of its environment, read at each start")),
        makeField<&S::filterEnv, FilterValue>(
            "filter_env"_L1, TEXT("What it does not inherit of the daemon's environment")),
        makeField<&S::instanceVar, VariableValue>(
            "instance_var"_L1, TEXT("The variable that holds the number of an instance")),
        makeField<&S::incrementVar, VariableValue>(
            "increment_var"_L1,
            TEXT("A variable of env that grows by one from instance to instance")),
    };
}

std::vector<SpecField> lifeFields()
{
    using S = ProcessSpec;
    const SpecField cronRestart = makeField<&S::cronRestart, CronValue>(
        "cron_restart"_L1, TEXT("When to start it anew, again and again"));
    return {
        makeField<&S::autorestart, BoolValue>("autorestart"_L1,
                                              TEXT("Start it again when it ends by itself")),
        makeField<&S::restartPolicy, RestartWhenValue>(
            "restart_policy"_L1, TEXT("When to start it again; goes over autorestart")),
        makeField<&S::stopExitCodes, ExitCodesValue>("stop_exit_codes"_L1,
                                                     TEXT("Exit codes after which it stays down")),
        makeField<&S::maxRestarts, RestartLimitValue>(
            "max_restarts"_L1, TEXT("Restarts after unstable runs in a row, then it is errored")),
        makeField<&S::minUptime, DurationValue>("min_uptime"_L1,
                                                TEXT("A run that is shorter is unstable")),
        makeField<&S::restartDelay, DurationValue>("restart_delay"_L1,
                                                   TEXT("How long to wait before each restart")),
        makeField<&S::expBackoffRestartDelay, DurationValue>(
            "exp_backoff_restart_delay"_L1,
            TEXT("The first delay after unstable runs, doubled each time; 0: none")),
        cronRestart,
        alias("cron"_L1, cronRestart),
        makeField<&S::schedule, CronValue>(
            "schedule"_L1, TEXT("When to start it, again and again; it ends by itself")),
        makeField<&S::overlap, OverlapValue>(
            "overlap"_L1, TEXT("What to do when it still runs at such a time (skip)")),
        makeField<&S::cronTimezone, TimezoneValue>(
            "cron_timezone"_L1, TEXT("Whose clock cron_restart and schedule go by")),
        makeField<&S::watch, WatchValue>(
            "watch"_L1, TEXT("Restart it when files change there; true: in its folder")),
        makeField<&S::ignoreWatch, PatternsValue>("ignore_watch"_L1,
                                                  TEXT("Files and folders that do not count")),
        makeField<&S::watchDelay, DurationValue>(
            "watch_delay"_L1, TEXT("How long nothing may change before it is restarted")),
        makeField<&S::waitReady, BoolValue>(
            "wait_ready"_L1, TEXT("It says that it is up, by READY=1 (sd_notify) or a message")),
        makeField<&S::listenTimeout, DurationValue>("listen_timeout"_L1,
                                                    TEXT("How long it may take to say so")),
        makeField<&S::killSignal, SignalValue>("kill_signal"_L1, TEXT("What asks it to stop")),
        makeField<&S::killTimeout, DurationValue>("kill_timeout"_L1,
                                                  TEXT("How long it may take to stop")),
        makeField<&S::treekill, BoolValue>("treekill"_L1,
                                           TEXT("Whether its descendants are asked to stop too")),
        makeField<&S::stopCommand, TextValue>(
            "stop_command"_L1, TEXT("A command line that asks it to stop, instead of the signal")),
        makeField<&S::shutdownWithMessage, BoolValue>(
            "shutdown_with_message"_L1,
            TEXT("Ask it to stop by Node's message \"shutdown\", instead of the signal")),
        makeField<&S::hasInput, InputValue>(
            "stdin"_L1, TEXT("\"pipe\": what is sent to it is its standard input")),
    };
}

std::vector<SpecField> limitFields()
{
    using S = ProcessSpec;
    const SpecField user = makeField<&S::user, AccountValue>(
        "user"_L1, TEXT("As whom it runs; needs a daemon that runs as root"));
    const SpecField group = makeField<&S::group, AccountValue>("group"_L1, TEXT("Its group"));
    return {
        makeField<&S::maxMemoryRestart, SizeValue>(
            "max_memory_restart"_L1, TEXT("Restart it when it holds more memory; 0: never")),
        makeField<&S::maxCpuPercent, AmountValue>(
            "max_cpu_percent"_L1,
            TEXT("Restart it when it takes more of a CPU for a minute; 0: never")),
        makeField<&S::nice, NiceValue>("nice"_L1, TEXT("Its scheduling priority")),
        makeField<&S::cpuAffinity, CpusValue>("cpu_affinity"_L1, TEXT("The CPUs that it may use")),
        makeField<&S::umask, UmaskValue>("umask"_L1,
                                         TEXT("The permissions that its new files lack")),
        makeField<&S::rlimits, LimitsValue>("rlimits"_L1, TEXT("Its resource limits")),
        makeField<&S::oomScoreAdj, OomScoreValue>(
            "oom_score_adj"_L1, TEXT("How soon the kernel kills it when memory runs out")),
        user,
        alias("uid"_L1, user),
        alias("username"_L1, user),
        group,
        alias("gid"_L1, group),
        makeField<&S::noNewPrivileges, BoolValue>(
            "no_new_privileges"_L1, TEXT("Keep it from gaining privileges, as by sudo")),
    };
}

std::vector<SpecField> surroundingsFields()
{
    using S = ProcessSpec;
    using H = HealthCheckSpec;
    const SpecField outFile =
        makeField<&S::outFile, PathValue>("out_file"_L1, TEXT("Where its standard output goes"));
    const SpecField errorFile =
        makeField<&S::errorFile, PathValue>("error_file"_L1, TEXT("Where its standard error goes"));
    const SpecField logFile = makeField<&S::logFile, PathValue>(
        "log_file"_L1, TEXT("Where both go that have no file of their own"));
    const SpecField mergeLogs = makeField<&S::mergeLogs, BoolValue>(
        "merge_logs"_L1, TEXT("Have all instances write to the same files"));
    return {
        makeField<&S::dependsOn, DependenciesValue>(
            "depends_on"_L1, TEXT("What other apps have to be before it starts")),
        makeField<&S::listen, ListenValue>(
            "listen"_L1, TEXT("Sockets that are opened for it once and handed to each instance")),
        flatHealthCheck<&H::url, CheckType::Http, UrlValue>(
            "health_check_url"_L1, TEXT("A health check by HTTP, at this URL")),
        flatHealthCheck<&H::script, CheckType::Script, TextValue>(
            "health_check_script"_L1, TEXT("A health check by a command line")),
        makeField<&S::port, PortsValue>("port"_L1,
                                        TEXT("Its port, or those of its instances; set as PORT")),
        outFile,
        alias("output"_L1, outFile),
        alias("out"_L1, outFile),
        alias("out_log"_L1, outFile),
        errorFile,
        alias("error"_L1, errorFile),
        alias("err_file"_L1, errorFile),
        alias("err_log"_L1, errorFile),
        logFile,
        alias("log"_L1, logFile),
        makeField<&S::maxLogSize, SizeValue>(
            "max_log_size"_L1, TEXT("How large a log file may grow; 0: without limit")),
        makeField<&S::maxLogFiles, AmountValue>("max_log_files"_L1,
                                                TEXT("How many rotated log files are kept")),
        makeField<&S::compressLogs, BoolValue>(
            "compress_logs"_L1, TEXT("Compress rotated files but the newest (true)")),
        mergeLogs,
        alias("combine_logs"_L1, mergeLogs),
        makeField<&S::logDateFormat, TextValue>(
            "log_date_format"_L1,
            TEXT("The time before its lines where they are shown, as YYYY-MM-DD HH:mm:ss.SSS Z")),
        makeField<&S::logType, LogTypeValue>("log_type"_L1, TEXT("How its lines are shown (raw)")),
        makeField<&S::disableLogs, BoolValue>("disable_logs"_L1, TEXT("Throw its output away")),
        makeField<&S::configFile, PathValue>("config_file"_L1,
                                             TEXT("The ecosystem file that a reload reads again")),
        makeField<&S::configEnvironment, TextValue>("config_env"_L1,
                                                    TEXT("Which env_NAME of that file was chosen")),
    };
}

#undef TEXT

} // namespace

std::span<const SpecField> specFields()
{
    static const std::vector<SpecField> fields = [] {
        std::vector<SpecField> all;
        for (const auto &part : {programFields(), lifeFields(), limitFields(),
                                 healthCheckFieldsOfApp(), surroundingsFields()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return fields;
}

const SpecField *specField(QStringView key)
{
    const auto fields = specFields();
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [key](const SpecField &field) { return field.key == key; });
    return found == fields.end() ? nullptr : &*found;
}

} // namespace pmdaemon

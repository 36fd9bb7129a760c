// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/launchplan.h"

#include "core/config/commandwords.h"
#include "core/config/dotenv.h"
#include "core/process/account.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(LaunchPlan)
};

struct Interpreter
{
    QLatin1StringView suffix;
    QLatin1StringView program;
};

constexpr std::array interpreters = {
    Interpreter{"js"_L1, "node"_L1},    Interpreter{"mjs"_L1, "node"_L1},
    Interpreter{"cjs"_L1, "node"_L1},   Interpreter{"ts"_L1, "node"_L1},
    Interpreter{"py"_L1, "python3"_L1}, Interpreter{"sh"_L1, "bash"_L1},
    Interpreter{"rb"_L1, "ruby"_L1},    Interpreter{"pl"_L1, "perl"_L1},
    Interpreter{"php"_L1, "php"_L1},
};

// What service managers and PM2 tell the daemon and would mislead its children.
constexpr std::array keptFromChildren = {
    "NOTIFY_SOCKET"_L1,  "LISTEN_FDS"_L1,    "LISTEN_PID"_L1,
    "LISTEN_FDNAMES"_L1, "WATCHDOG_PID"_L1,  "WATCHDOG_USEC"_L1,
    "JOURNAL_STREAM"_L1, "INVOCATION_ID"_L1, "PM2_HOME"_L1,
};

bool isForDaemonOnly(const QString &name)
{
    if (name.startsWith("PMDAEMON_"_L1))
        return name != "PMDAEMON_HOME"_L1; // a child's own `pmdaemon list` finds this daemon
    return std::find(keptFromChildren.begin(), keptFromChildren.end(), name) !=
           keptFromChildren.end();
}

bool isFiltered(const ProcessSpec &spec, const QString &name)
{
    const bool isAll = spec.filterEnv == QStringList{u""_s};
    return (!isAll || name != "PATH"_L1) &&
           std::any_of(spec.filterEnv.begin(), spec.filterEnv.end(),
                       [&name](const QString &start) { return name.startsWith(start); });
}

/// StartFailed with what a failed exec has in its details.
tl::unexpected<Error> missing(const QString &message, const QString &step, int code,
                              const QString &path)
{
    const QString words = QString::fromLocal8Bit(std::system_category().message(code));
    return fail(ErrorCode::StartFailed, u"%1 (%2)"_s.arg(message, words),
                {{u"step"_s, step}, {u"errno"_s, code}, {u"path"_s, path}});
}

/// What was found for a script: a program or file, and the words that followed it.
struct Script
{
    QString path; ///< absolute
    bool onPath = false;
    QStringList arguments = {};
};

class Search
{
public:
    Search(const QString &folder, const QProcessEnvironment &environment)
        : m_folder(folder)
        , m_path(environment.value(u"PATH"_s))
    {}

    QString file(const QString &name) const
    {
        const QFileInfo info(m_folder, name);
        return info.isFile() ? QDir::cleanPath(info.absoluteFilePath()) : QString();
    }

    QString program(const QString &name) const
    {
        if (name.isEmpty() || name.contains(u'/'))
            return {};
        return QStandardPaths::findExecutable(name, m_path.split(u':', Qt::SkipEmptyParts));
    }

    std::optional<Script> word(const QString &name) const
    {
        if (QString found = file(name); !found.isEmpty())
            return Script{.path = found};
        if (QString found = program(name); !found.isEmpty())
            return Script{.path = found, .onPath = true};
        return std::nullopt;
    }

    Result<Script> script(const QString &text) const
    {
        if (std::optional<Script> whole = word(text))
            return *whole;
        QStringList words = commandWords(text);
        if (words.size() > 1) {
            if (std::optional<Script> first = word(words.takeFirst())) {
                first->arguments = words;
                return *first;
            }
        }
        const QString path = QDir::cleanPath(QDir(m_folder).absoluteFilePath(text));
        if (QFileInfo(path).isDir())
            return missing(Words::tr("script “%1” is a folder, not a program").arg(text),
                           u"script"_s, EISDIR, path);
        if (text.startsWith(u'/'))
            return missing(Words::tr("script “%1”: there is no such file").arg(text), u"script"_s,
                           ENOENT, path);
        return missing(Words::tr("script “%1”: there is no such file in %2 and no such program on "
                                 "PATH; give an absolute path, or set cwd")
                           .arg(text, m_folder),
                       u"script"_s, ENOENT, path);
    }

    /// A name without a slash is never a file of the folder, whatever that one holds.
    std::optional<QString> interpreter(const QString &name) const
    {
        const QString found = name.contains(u'/') ? file(name) : program(name);
        return found.isEmpty() ? std::nullopt : std::optional(found);
    }

private:
    QString m_folder;
    QString m_path;
};

/// Empty = none.
QString interpreterOf(const ProcessSpec &spec, const Script &script)
{
    if (spec.interpreter)
        return *spec.interpreter == "none"_L1 ? QString() : *spec.interpreter;
    if (script.onPath)
        return {};
    const QString suffix = QFileInfo(script.path).suffix();
    const auto *const known =
        std::find_if(interpreters.begin(), interpreters.end(),
                     [&](const Interpreter &interpreter) { return interpreter.suffix == suffix; });
    return known == interpreters.end() ? QString() : QString(known->program);
}

Result<void> setProgram(LaunchSpec &launch, const ProcessSpec &spec, const Script &script,
                        const Search &search)
{
    const QString interpreter = interpreterOf(spec, script);
    if (interpreter.isEmpty()) {
        launch.program = script.path;
        launch.arguments = script.arguments + spec.args;
        return {};
    }
    const std::optional<QString> found = search.interpreter(interpreter);
    if (!found) {
        const QString text =
            interpreter.contains(u'/')
                ? Words::tr("interpreter “%1” for %2: there is no such file; set interpreter to "
                            "another one or to “none”")
                : Words::tr("interpreter “%1” for %2 is not on PATH; install it, or set "
                            "interpreter to another one or to “none”");
        return missing(text.arg(interpreter, script.path), u"interpreter"_s, ENOENT, interpreter);
    }
    launch.program = *found;
    launch.arguments =
        spec.interpreterArgs + QStringList{script.path} + script.arguments + spec.args;
    return {};
}

Result<void> setProgram(LaunchSpec &launch, const ProcessSpec &spec, const Search &search)
{
    if (spec.shell) {
        launch.program = u"/bin/sh"_s;
        const QString all = spec.args.isEmpty() ? spec.script : spec.script + " \"$@\""_L1;
        launch.arguments = QStringList{u"-c"_s, all, launch.name} + spec.args;
        return {};
    }
    const Result<Script> found = search.script(spec.script.trimmed());
    if (!found)
        return tl::unexpected(found.error());
    return setProgram(launch, spec, *found, search);
}

Result<void> checkEnvironment(const ProcessSpec &spec)
{
    for (auto it = spec.env.cbegin(); it != spec.env.cend(); ++it) {
        if (it.key().isEmpty() || it.key().contains(u'=') || it.key().contains(QChar(0)) ||
            it.value().contains(QChar(0)))
            return fail(ErrorCode::InvalidConfig,
                        Words::tr("env: “%1” cannot be an environment variable; a name is not "
                                  "empty and holds no =, and neither it nor the value a NUL")
                            .arg(it.key()));
    }
    return {};
}

QString perInstance(const QString &file, const ProcessEntry &entry)
{
    if (entry.name == entry.app)
        return file;
    const QFileInfo info(file);
    const QString suffix = info.suffix().isEmpty() ? QString() : u'.' + info.suffix();
    return u"%1/%2-%3%4"_s.arg(info.path(), info.completeBaseName(),
                               QString::number(entry.instance), suffix);
}

RestartPolicy restartPolicyOf(const ProcessSpec &spec)
{
    RestartPolicy policy;
    const bool isByDefault = spec.autorestart && spec.schedule.isEmpty();
    policy.autorestart =
        spec.restartPolicy ? *spec.restartPolicy != RestartWhen::Never : isByDefault;
    policy.onlyAfterFailure = spec.restartPolicy == RestartWhen::OnFailure;
    policy.maxRestarts = spec.maxRestarts;
    policy.minUptime = spec.minUptime.count();
    policy.restartDelay = spec.restartDelay.count();
    policy.backoffBase = spec.expBackoffRestartDelay.count();
    for (const int code : spec.stopExitCodes)
        policy.addStopCode(code);
    return policy;
}

void setLimits(LaunchLimits &limits, const ProcessSpec &spec, const std::optional<Account> &account)
{
    limits.umask = spec.umask.value_or(-1);
    limits.hasNice = spec.nice.has_value();
    limits.nice = spec.nice.value_or(0);
    limits.hasOomScore = spec.oomScoreAdj.has_value();
    limits.oomScore = spec.oomScoreAdj.value_or(0);
    for (const int cpu : spec.cpuAffinity)
        limits.addCpu(cpu);
    for (auto it = spec.rlimits.cbegin(); it != spec.rlimits.cend(); ++it)
        limits.addResource({resourceNumber(it.key().toLatin1().constData()), it->soft, it->hard});
    limits.noNewPrivileges = spec.noNewPrivileges;
    if (!account)
        return;
    limits.hasCredentials = true;
    limits.user = account->user;
    limits.group = account->group;
    for (const gid_t group : account->groups)
        limits.addGroup(group);
}

/// As login(1) sets it.
void setAccount(QProcessEnvironment &environment, const Account &account)
{
    if (account.name.isEmpty())
        return;
    environment.insert(u"USER"_s, account.name);
    environment.insert(u"LOGNAME"_s, account.name);
    environment.insert(u"HOME"_s, account.home);
    environment.insert(u"SHELL"_s, account.shell);
}

} // namespace

LogFiles logFilesOf(const ProcessSpec &spec, const ProcessEntry &entry, const QString &home)
{
    LogFiles files;
    files.maxSize = spec.maxLogSize;
    files.maxFiles = spec.maxLogFiles;
    if (spec.disableLogs)
        return files;
    const auto pick = [&](const QString &own, QLatin1StringView kind) {
        const QString &named = own.isEmpty() ? spec.logFile : own;
        if (named.isEmpty())
            return u"%1/logs/%2-%3.log"_s.arg(home, spec.mergeLogs ? entry.app : entry.name, kind);
        return spec.mergeLogs ? named : perInstance(named, entry);
    };
    files.out = pick(spec.outFile, "out"_L1);
    files.err = pick(spec.errorFile, "error"_L1);
    return files;
}

QProcessEnvironment launchEnvironment(const ProcessSpec &spec, const ProcessEntry &entry,
                                      const QProcessEnvironment &daemons,
                                      const QMap<QString, QString> &fromFiles)
{
    QProcessEnvironment environment = daemons;
    for (const QString &name : daemons.keys()) {
        if (isForDaemonOnly(name) || isFiltered(spec, name))
            environment.remove(name);
    }
    for (const auto &variables : {fromFiles, spec.env}) {
        for (auto it = variables.cbegin(); it != variables.cend(); ++it)
            environment.insert(it.key(), it.value());
    }
    if (entry.port)
        environment.insert(u"PORT"_s, QString::number(*entry.port));
    environment.insert(u"PMDAEMON_PROCESS_NAME"_s, entry.name);
    environment.insert(u"PMDAEMON_PROCESS_ID"_s, QString::number(toInt(entry.id)));
    environment.insert(u"PMDAEMON_NAMESPACE"_s, entry.nameSpace);
    environment.insert(u"PMDAEMON_VERSION"_s, u"" PMDAEMON_VERSION ""_s);
    environment.insert(u"PM2_INSTANCE_ID"_s, QString::number(entry.instance));
    environment.insert(spec.instanceVar, QString::number(entry.instance));
    if (!spec.incrementVar.isEmpty()) {
        const qint64 first = environment.value(spec.incrementVar).toLongLong();
        environment.insert(spec.incrementVar, QString::number(first + entry.instance));
    }
    return environment;
}

Result<LaunchSpec> planLaunch(const ProcessSpec &spec, const ProcessEntry &entry,
                              const LaunchContext &context)
{
    if (Result<void> checked = checkEnvironment(spec); !checked)
        return tl::unexpected(checked.error());
    const QString folder = spec.cwd.isEmpty() ? QDir::currentPath() : spec.cwd;
    if (!QFileInfo::exists(folder))
        return missing(Words::tr("cwd %1: there is no such folder").arg(folder), u"cwd"_s, ENOENT,
                       folder);
    if (!QFileInfo(folder).isDir())
        return missing(Words::tr("cwd %1 is not a folder").arg(folder), u"cwd"_s, ENOTDIR, folder);
    const auto fromFiles = readDotenv(spec.envFiles);
    if (!fromFiles)
        return missing(Words::tr("env_file %1").arg(fromFiles.error().message), u"env_file"_s,
                       fromFiles.error().code == ErrorCode::NotFound ? ENOENT : EINVAL,
                       fromFiles.error().details[u"path"_s].toString());
    const Result<std::optional<Account>> account = accountOf(spec);
    if (!account)
        return tl::unexpected(account.error());
    QProcessEnvironment environment = context.environment;
    if (*account)
        setAccount(environment, **account);
    environment = launchEnvironment(spec, entry, environment, *fromFiles);

    LaunchSpec launch;
    launch.id = entry.id;
    launch.name = entry.name;
    launch.workingDirectory = folder;
    if (Result<void> set = setProgram(launch, spec, Search(folder, environment)); !set)
        return tl::unexpected(set.error());
    setLimits(launch.limits, spec, *account);
    launch.environment = environment.toStringList();
    launch.logs = logFilesOf(spec, entry, context.home);
    launch.restart = restartPolicyOf(spec);
    launch.stop = {.signal = spec.killSignal,
                   .timeout = spec.killTimeout,
                   .tree = spec.treekill,
                   .byMessage = spec.shutdownWithMessage};
    launch.stopCommand = spec.stopCommand;
    launch.stopCommand.replace("{port}"_L1, entry.port ? QString::number(*entry.port) : QString());
    launch.tellsReady = spec.waitReady;
    launch.hasInput = spec.hasInput;
    return launch;
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/following.h"
#include "app/cli/logprinter.h"
#include "core/logs/logoverlap.h"

#include <QMap>

#include <algorithm>
#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// A line has the time at which it was stored in a page, and that at which it was read on the wire.
constexpr milliseconds longestReadDelay{2'000};
constexpr qsizetype linesRemembered = 500;

struct PastLine
{
    LogOrigin origin;
    LogLine line;
    WallTime sortedAt{};
};

/// Of one stream, the newest lines that were printed: what is read after a reconnect joins there.
using Tail = QList<LogLine>;
using StreamKey = std::pair<QString, LogStream>;

void remember(Tail &tail, const LogLine &line)
{
    tail.append(line);
    if (tail.size() > 2 * linesRemembered)
        tail.remove(0, tail.size() - linesRemembered);
}

/// How many of `lines` (of a page, oldest first) `tail` has. What was stored after the newest one
/// was read is new, however alike it looks.
qsizetype knownOf(const Tail &tail, const QList<LogLine> &lines)
{
    const auto isNew = [&](const LogLine &line) { return line.time > tail.constLast().time; };
    const auto end =
        tail.isEmpty() ? lines.cbegin() : std::find_if(lines.cbegin(), lines.cend(), isNew);
    return overlap(tail, lines.first(end - lines.cbegin()));
}

/// Reads what is on disk, then follows what is written, over reconnects.
class LogsCommand : public QObject
{
public:
    LogsCommand(Context &context, const LogsOptions &options);

    ExitCode run();

private:
    ExitCode resolveTargets();
    void learnViews(const QString &target);
    void dropMerged(QList<ProcessEntry> &entries) const;
    void startFollowing();
    ExitCode printPast(QList<ProcessEntry> entries, LogQuery query);
    void takeBatch(const LogBatch &batch);
    void printBatch(const LogBatch &batch, qint64 after);
    void print(const LogOrigin &origin, const LogLine &line);
    QList<LogLine> unseen(const QString &name, const QList<LogLine> &lines) const;
    void catchUp();
    WallTime newestSeen() const;
    bool isTarget(const LogBatch &batch) const;

    Context &m_context;
    const LogsOptions &m_options;
    RemoteBackend &m_backend;
    LogQuery m_query;
    LogPrinter m_printer;
    QList<ProcessEntry> m_entries;
    QHash<QString, LogView> m_views; ///< by app
    QSet<QString> m_merged;          ///< apps
    QList<ProcessFilter> m_filters;
    std::vector<Watch> m_watches;
    bool m_isPastPrinted = false;
    QList<LogBatch> m_early; ///< arrived before the past was printed
    QMap<StreamKey, Tail> m_tails;
    const WallTime m_startedAt = wallNow();
    std::optional<Following> m_following;
};

LogQuery queryOf(const LogsOptions &options)
{
    return {.process = {},
            .lines = options.lines,
            .stream = options.stream,
            .level = options.level,
            .since = options.since,
            .until = options.until,
            .grep = options.grep,
            .before = {}};
}

LogPrinter::Style styleOf(const LogsOptions &options, const Backend &backend)
{
    const bool one =
        options.targets.size() == 1 && backend.resolve(options.targets.constFirst()).size() == 1;
    return {.raw = options.raw,
            .timestamps = options.timestamps,
            .names = !one,
            .jsonLines = options.follow};
}

ProcessFilter filterFor(const QString &target, const QList<ProcessEntry> &entries)
{
    constexpr auto prefix = "namespace:"_L1;
    if (target == "all"_L1)
        return {};
    if (target.startsWith(prefix))
        return {.names = {}, .nameSpaces = {target.sliced(prefix.size())}};
    QStringList names = {target}; // an app's instances to come, too
    for (const ProcessEntry &entry : entries)
        names.append(entry.name);
    return {.names = names, .nameSpaces = {}};
}

LogsCommand::LogsCommand(Context &context, const LogsOptions &options)
    : m_context(context)
    , m_options(options)
    , m_backend(context.session.backend())
    , m_query(queryOf(options))
    , m_printer(context.output, styleOf(options, m_backend))
{}

ExitCode LogsCommand::run()
{
    ExitCode code = resolveTargets();
    if (m_options.follow)
        startFollowing();
    const ExitCode past = printPast(m_entries, m_query);
    code = code == ExitCode::Ok ? past : code;
    if (!m_options.follow || m_filters.isEmpty()) {
        m_printer.finish();
        return code;
    }
    return m_following->run();
}

ExitCode LogsCommand::resolveTargets()
{
    const QStringList targets =
        m_options.targets.isEmpty() ? QStringList{u"all"_s} : m_options.targets;
    ExitCode code = ExitCode::Ok;
    for (const QString &target : targets) {
        const QList<ProcessEntry> found = m_backend.resolve(target);
        if (found.isEmpty() && target != "all"_L1) {
            const Error error{ErrorCode::NotFound, Cli::tr("there is no process “%1”").arg(target)};
            m_context.output.complain(error.message + suggestion(m_backend, target, error));
            code = ExitCode::NotFound;
            continue;
        }
        m_filters.append(filterFor(target, found));
        learnViews(target);
        for (const ProcessEntry &entry : found) {
            if (!m_entries.contains(entry))
                m_entries.append(entry);
        }
    }
    return code;
}

/// What is not known is shown as it is.
void LogsCommand::learnViews(const QString &target)
{
    const Result<QList<ProcessDetail>> details = await(m_backend.processInfo(target));
    if (!details)
        return;
    for (const ProcessDetail &detail : *details) {
        const QJsonObject &config = detail.config;
        m_views[detail.entry.app] = {config["log_date_format"_L1].toString(),
                                     config["log_type"_L1] == "json"_L1};
        if (config["merge_logs"_L1].toBool())
            m_merged.insert(detail.entry.app);
    }
}

/// All instances of an app that merges its logs have the same ones.
void LogsCommand::dropMerged(QList<ProcessEntry> &entries) const
{
    QSet<QString> seen;
    entries.removeIf([&](const ProcessEntry &entry) {
        const bool isKnown = seen.contains(entry.app);
        seen.insert(entry.app);
        return isKnown && m_merged.contains(entry.app);
    });
}

void LogsCommand::startFollowing()
{
    connect(&m_backend, &Backend::logLines, this, &LogsCommand::takeBatch);
    const auto lost = [this] {
        // What comes before the next page is newer than it.
        m_isPastPrinted = false;
        m_early.clear();
    };
    m_following.emplace(m_context, Following::Listener{lost, [this] { catchUp(); }});
    for (const ProcessFilter &filter : m_filters)
        m_watches.push_back(m_backend.watchLogs(filter));
}

ExitCode LogsCommand::printPast(QList<ProcessEntry> entries, LogQuery query)
{
    dropMerged(entries);
    QList<Reply<LogPage>> replies;
    for (const ProcessEntry &entry : query.lines > 0 ? entries : QList<ProcessEntry>{}) {
        query.process = entry.name;
        replies.append(m_backend.logs(query));
    }
    ExitCode code = ExitCode::Ok;
    QList<PastLine> lines;
    QHash<ProcessId, qint64> newest;
    for (qsizetype i = 0; i < replies.size(); ++i) {
        const Result<LogPage> page = await(replies[i]);
        if (!page) {
            m_context.output.complain(entries[i].name + ": "_L1 + page.error().message);
            code = code == ExitCode::Ok ? exitCodeFor(page.error()) : code;
            continue;
        }
        const LogOrigin origin{entries[i].id, entries[i].name, entries[i].app, entries[i].instance};
        newest[origin.id] = page->lines.isEmpty() ? 0 : page->lines.constLast().seq;
        WallTime time{};
        for (const LogLine &line : unseen(entries[i].name, page->lines)) {
            // Sorted with its neighbours where its own time is not known.
            time = line.time.value_or(time);
            lines.append({origin, line, time});
        }
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const PastLine &a, const PastLine &b) { return a.sortedAt < b.sortedAt; });
    for (const PastLine &past : lines)
        print(past.origin, past.line);
    m_isPastPrinted = m_backend.connectionState() == ConnectionState::Live;
    for (const LogBatch &batch : std::exchange(m_early, {}))
        printBatch(batch, newest.value(batch.id));
    return code;
}

bool LogsCommand::isTarget(const LogBatch &batch) const
{
    const ProcessEntry *entry = m_backend.process(batch.id);
    return entry &&
           std::any_of(m_filters.cbegin(), m_filters.cend(),
                       [&](const ProcessFilter &filter) { return filter.matches(*entry); });
}

QList<LogLine> LogsCommand::unseen(const QString &name, const QList<LogLine> &lines) const
{
    // Each stream for itself: which comes first is not the same in a page and on the wire.
    QList<LogLine> rest = lines;
    for (const LogStream stream : {LogStream::Out, LogStream::Err}) {
        const auto isOther = [stream](const LogLine &line) { return line.stream != stream; };
        QList<LogLine> own = lines;
        own.removeIf(isOther);
        qsizetype known = knownOf(m_tails.value({name, stream}), own);
        rest.removeIf([&](const LogLine &line) { return !isOther(line) && known-- > 0; });
    }
    return rest;
}

void LogsCommand::print(const LogOrigin &origin, const LogLine &line)
{
    m_printer.print(origin, line, m_views.value(origin.app));
    if (m_options.follow)
        remember(m_tails[{origin.name, line.stream}], line);
}

void LogsCommand::takeBatch(const LogBatch &batch)
{
    if (!isTarget(batch))
        return;
    if (m_isPastPrinted)
        printBatch(batch, 0);
    else
        m_early.append(batch);
}

/// Lines up to the number `after` were in the page.
void LogsCommand::printBatch(const LogBatch &batch, qint64 after)
{
    if (batch.dropped > 0)
        m_context.output.complain(Cli::tr("%1: %2 lines are left out, too many at once; they are "
                                          "in the log file")
                                      .arg(batch.name)
                                      .arg(batch.dropped));
    const ProcessEntry *entry = m_backend.process(batch.id);
    const LogOrigin origin{batch.id, batch.name, entry ? entry->app : QString(), batch.instance};
    for (const LogLine &line : batch.lines) {
        if ((line.seq == 0 || line.seq > after) && isWanted(line, m_query))
            print(origin, line);
    }
}

/// By the daemon's clock, as soon as there is a line.
WallTime LogsCommand::newestSeen() const
{
    WallTime newest{};
    for (const Tail &tail : m_tails)
        newest = std::max(newest, tail.constLast().time.value_or(newest));
    return newest == WallTime{} ? m_startedAt : newest;
}

void LogsCommand::catchUp()
{
    QList<ProcessEntry> entries;
    for (const ProcessEntry &entry : m_backend.processes()) {
        if (std::any_of(m_filters.cbegin(), m_filters.cend(),
                        [&](const ProcessFilter &filter) { return filter.matches(entry); }))
            entries.append(entry);
    }
    LogQuery missed = m_query;
    missed.since = newestSeen() - longestReadDelay;
    missed.lines = 1'000;
    printPast(entries, missed);
}

} // namespace

ExitCode runLogs(Context &context, const LogsOptions &options)
{
    if (const auto connected = context.session.connect({}, options.follow); !connected)
        return report(context, connected.error());
    return LogsCommand(context, options).run();
}

} // namespace pmdaemon

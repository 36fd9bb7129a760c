// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/stateworker.h"

#include <QCoreApplication>
#include <QLoggingCategory>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

Q_LOGGING_CATEGORY(lcState, "pmdaemon.state")

constexpr auto retryInterval = 1s;
constexpr auto pruneInterval = 1h;
constexpr auto backupInterval = 10min;
constexpr qsizetype pruneEvents = 1'000;

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

} // namespace

StateWorker::StateWorker(StateFiles files, std::unique_ptr<Database> database, bool safeMode,
                         Listener listener)
    : m_files(std::move(files))
    , m_listener(std::move(listener))
    , m_database(std::move(database))
    , m_safeMode(safeMode)
    , m_thread(QThread::create([this] { run(); }))
{
    m_thread->setObjectName(u"state"_s);
    m_database->moveToThread(m_thread.get());
    m_thread->start();
}

StateWorker::~StateWorker()
{
    {
        const QMutexLocker locker(&m_mutex);
        m_stopping = true;
    }
    m_wake.wakeOne();
    m_thread->wait();
}

Reply<void> StateWorker::save(StateChange change)
{
    Job job{.change = std::move(change), .saved = {}, .task = {}};
    job.saved.start();
    Reply<void> reply = job.saved.future();
    post(std::move(job));
    return reply;
}

Reply<void> StateWorker::write(std::function<Result<void>(Database &)> work)
{
    return read<void>([this, work = std::move(work)](Database &database) -> Result<void> {
        if (m_failure)
            return tl::unexpected(*m_failure);
        m_isBackedUp = false;
        return database.transaction([&] { return work(database); });
    });
}

Reply<void> StateWorker::leaveSafeMode()
{
    return write([this](Database &database) {
        return writeSafeMode(database, std::nullopt).map([this] { m_safeMode = false; });
    });
}

void StateWorker::post(Job job)
{
    {
        const QMutexLocker locker(&m_mutex);
        m_jobs.push_back(std::move(job));
    }
    m_wake.wakeOne();
}

void StateWorker::run()
{
    checkAtStart();
    while (!isOver())
        work(nextJobs());
    if (!m_failure)
        backUp(0ms);
    if (!m_pending.isEmpty())
        qCWarning(lcState, "The last changes are lost: %ls", qUtf16Printable(m_failure->message));
    m_database.reset();
}

bool StateWorker::isOver()
{
    const QMutexLocker locker(&m_mutex);
    return m_stopping && m_jobs.empty();
}

std::vector<StateWorker::Job> StateWorker::nextJobs()
{
    const QMutexLocker locker(&m_mutex);
    while (m_jobs.empty() && !m_stopping && m_wake.wait(&m_mutex, m_retry)) {
    }
    return std::exchange(m_jobs, {});
}

void StateWorker::work(std::vector<Job> jobs)
{
    std::vector<Job *> saves;
    for (Job &job : jobs) {
        if (!job.task) {
            m_pending.append(job.change);
            m_newEvents += job.change.events.size();
            saves.push_back(&job);
            continue;
        }
        commit(saves);
        job.task();
    }
    commit(saves);
}

void StateWorker::commit(std::vector<Job *> &saves)
{
    if (saves.empty() && !m_retry.hasExpired() && !(m_failure && isOver()))
        return;
    Result<void> stored = store();
    if (!stored && isDamage(stored.error()) && m_database && leavePastBehind(stored.error()))
        stored = store();
    for (Job *save : saves) {
        save->saved.addResult(stored);
        save->saved.finish();
    }
    saves.clear();
    if (!stored) {
        m_pending.shorten();
        m_retry.setRemainingTime(retryInterval);
        if (!std::exchange(m_failure, stored.error()))
            m_listener.failed(stored.error());
        return;
    }
    m_isBackedUp = m_isBackedUp && m_pending.processes.isEmpty();
    m_pending = {};
    m_retry = QDeadlineTimer(QDeadlineTimer::Forever);
    if (std::exchange(m_failure, std::nullopt))
        m_listener.recovered();
    maintain();
}

Result<void> StateWorker::store()
{
    if (m_pending.isEmpty())
        return {};
    return reopen().and_then([this] {
        return m_database->transaction([this] {
            return writeProcesses(*m_database, m_pending)
                .and_then([this] { return writeEvents(*m_database, m_pending.events); })
                .and_then([this] { return writeMetrics(*m_database, m_pending.metrics); });
        });
    });
}

/// After a rescue there is none.
Result<void> StateWorker::reopen()
{
    if (m_database)
        return {};
    return openState(m_files, wallNow()).map([this](OpenedState &&opened) {
        m_database = std::move(opened.database);
    });
}

void StateWorker::checkAtStart()
{
    const Result<void> checked = checkAll(*m_database);
    if (!checked && isDamage(checked.error()) && !leavePastBehind(checked.error()))
        return; // a backup of it would be none
    m_backedUp = m_files.backupTime().value_or(WallTime());
    maintain();
}

/// Whether there is a sound database with all processes now.
bool StateWorker::leavePastBehind(const Error &damage)
{
    const Result<QString> kept = rescue(*m_database, m_files, wallNow());
    const QString what = kept ? tr("The processes are sound; the database is kept as %1, and the "
                                   "past goes on from now.")
                                    .arg(*kept)
                              : tr("It could not be mended: %1").arg(kept.error().message);
    m_listener.historyLost({ErrorCode::Internal,
                            tr("%1: what is stored about the past is damaged (%2). %3")
                                .arg(m_files.database(), damage.message, what),
                            {{u"file"_s, kept.value_or(QString())}}});
    if (!kept)
        return false;
    m_database.reset();
    return reopen().has_value();
}

namespace {

bool isDue(WallTime last, WallTime now, milliseconds interval)
{
    return now < last || now - last >= interval; // the clock may have been set back
}

void warn(const Error &error)
{
    qCWarning(lcState, "%ls", qUtf16Printable(error.message));
}

} // namespace

/// Nothing that fails here is lost: it comes again with the next change.
void StateWorker::maintain()
{
    const WallTime now = wallNow();
    if (m_newEvents >= pruneEvents || isDue(m_pruned, now, pruneInterval)) {
        m_newEvents = 0;
        m_pruned = now;
        static_cast<void>(
            m_database->transaction([&] { return prune(*m_database, now); }).or_else(warn));
    }
    backUp(backupInterval);
}

/// If anything but the past has changed, and the last backup is as old as `age`.
void StateWorker::backUp(milliseconds age)
{
    const WallTime now = wallNow();
    if (m_safeMode || m_isBackedUp || !m_database || !isDue(m_backedUp, now, age))
        return;
    m_backedUp = now;
    const Result<void> made = makeBackup(*m_database, m_files);
    m_isBackedUp = made.has_value();
    static_cast<void>(made.or_else(warn));
}

} // namespace pmdaemon

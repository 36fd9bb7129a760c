// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/operation.h"

#include "core/process/supervisor.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// How long past its own SIGKILL a tree may take to be gone: a program in the middle of a disk
// operation cannot be killed at once.
constexpr milliseconds killGrace{10'000};

struct Phrase
{
    const char *one;  ///< %1 = the process
    const char *many; ///< %n
};

// In the order of Action.
constexpr std::array<Phrase, 10> phrases{{
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "%1 started"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "%n process(es) started")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "%1 stopped"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "%n process(es) stopped")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "%1 restarted"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "%n process(es) restarted")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "%1 deleted"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "%n process(es) deleted")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "%1 reloaded"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "%n process(es) reloaded")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "%1 is the only instance now"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "%n instance(s) now")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "signal sent to %1"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "signal sent to %n process(es)")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "restarts of %1 count from 0 again"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "restarts of %n process(es) count from 0 again")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "logs of %1 emptied"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "logs of %n process(es) emptied")},
    {QT_TRANSLATE_NOOP("pmdaemon::Operation", "line sent to %1"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Operation", "line sent to %n process(es)")},
}};

} // namespace

Operation::Operation(Action action, Supervisor &supervisor)
    : QObject(&supervisor)
    , m_action(action)
    , m_supervisor(supervisor)
{
    m_promise.start();
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &Operation::onTimeout);
    connect(&supervisor, &Supervisor::removed, this, &Operation::onRemoved);
}

Operation::~Operation()
{
    answer(fail(ErrorCode::ShuttingDown, tr("the daemon is shutting down")));
}

/// The first answer is the one.
void Operation::answer(const Result<CommandResult> &result)
{
    if (m_promise.future().isFinished())
        return;
    m_promise.addResult(result);
    m_promise.finish();
}

void Operation::answerWithin(milliseconds limit)
{
    QTimer::singleShot(limit, this, [this, limit] {
        answer(fail(ErrorCode::Timeout, tr("not done within %1 ms; it goes on").arg(limit.count()),
                    {{u"timeout"_s, qint64{limit.count()}}}));
    });
}

void Operation::await(ManagedProcess &process, Goal goal)
{
    const ProcessEntry &entry = process.entry();
    m_pending.insert_or_assign(entry.id, goal);
    m_entries.insert_or_assign(entry.id, entry);
    connect(&process, &ManagedProcess::statusChanged, this,
            [this, &process](const StatusChange &change) {
                onStatus(change.process, process.lastError());
            });
    if (goal == Goal::Online) {
        connect(&process, &ManagedProcess::notReady, this,
                [this, id = entry.id](const Error &error) {
                    if (m_pending.contains(id))
                        settle(id, error);
                });
        connect(&process, &ManagedProcess::putOff, this, [this, id = entry.id](const Error &error) {
            if (m_pending.contains(id))
                settle(id, Error{error.code, tr("%1 It is tried again.").arg(error.message),
                                 error.details});
        });
        return;
    }
    // Those that others depend on come down one after another.
    m_isInTurn = m_isInTurn || !process.spec().dependsOn.isEmpty();
    const milliseconds needed = process.launched().stop.timeout + killGrace;
    m_longest = std::max(m_longest, needed);
    m_sum += needed;
    m_deadline.start(m_isInTurn ? m_sum : m_longest);
}

void Operation::done(const ManagedProcess &process)
{
    m_entries.insert_or_assign(process.entry().id, process.entry());
    m_done.insert_or_assign(process.entry().id, process.entry());
}

void Operation::failed(const QString &process, const Error &error)
{
    m_failures.append({process, error});
}

void Operation::awaitStored(const Reply<void> &stored)
{
    hold();
    Reply<void>(stored).then(this, [this](const Result<void> &result) {
        if (!result)
            m_notStored = result.error();
        if (m_answersEarly)
            answer(resultSoFar());
        release();
    });
}

void Operation::release()
{
    --m_holders;
    finishIfDone();
}

void Operation::onStatus(const ProcessEntry &entry, const Error &reason)
{
    const auto pending = m_pending.find(entry.id);
    if (pending == m_pending.end())
        return;
    m_entries.insert_or_assign(entry.id, entry);
    const bool wantedUp = pending->second == Goal::Online;
    switch (entry.status) {
    case ProcessStatus::Online:
        if (wantedUp)
            settle(entry.id, std::nullopt);
        break;
    case ProcessStatus::Errored:
        if (wantedUp)
            settle(entry.id, reason);
        else if (pending->second == Goal::Down)
            settle(entry.id, std::nullopt);
        break;
    case ProcessStatus::Stopped:
        if (wantedUp)
            settle(entry.id, Error{ErrorCode::StartFailed, tr("it was stopped meanwhile")});
        else if (pending->second == Goal::Down)
            settle(entry.id, std::nullopt);
        break;
    case ProcessStatus::Restarting:
        if (!wantedUp)
            settle(entry.id, Error{ErrorCode::StopFailed, tr("it was started again meanwhile")});
        break;
    case ProcessStatus::Starting:
    case ProcessStatus::Stopping:
        break;
    }
}

void Operation::onRemoved(ProcessId id)
{
    const auto pending = m_pending.find(id);
    if (pending == m_pending.end())
        return;
    if (pending->second == Goal::Online)
        settle(id, Error{ErrorCode::NotFound, tr("it was deleted meanwhile")});
    else
        settle(id, std::nullopt);
}

void Operation::onTimeout()
{
    QList<ProcessId> late;
    for (const auto &[id, goal] : m_pending) {
        if (goal != Goal::Online)
            late.append(id);
    }
    for (const ProcessId id : late)
        settle(id, Error{ErrorCode::StopFailed,
                         tr("it has not ended although it was killed; see what it waits for with "
                            "ps -o pid,stat,wchan")});
}

void Operation::settle(ProcessId id, std::optional<Error> error)
{
    m_pending.erase(id);
    const bool reached = !error;
    if (error)
        m_failures.append({m_entries.at(id).name, *error});
    else
        m_done.insert_or_assign(id, m_entries.at(id));
    emit settled(id, reached);
    finishIfDone();
}

void Operation::finishIfDone()
{
    if (m_holders > 0 || !m_pending.empty() || m_finishing)
        return;
    m_finishing = true;
    // Later: who continues the reply must not get between a status and the event that follows it.
    QMetaObject::invokeMethod(this, &Operation::finish, Qt::QueuedConnection);
}

/// A start leads to what was asked for, and the runner tells the rest again; but not the port.
bool Operation::hasMoreToStore() const
{
    return m_action != Action::Start ||
           std::any_of(m_done.begin(), m_done.end(),
                       [](const auto &done) { return done.second.port.has_value(); });
}

void Operation::finish()
{
    if (const auto persist = std::exchange(m_persist, {}); persist && hasMoreToStore()) {
        m_finishing = false;
        awaitStored(persist());
        return;
    }
    if (m_action != Action::Delete)
        std::erase_if(m_done,
                      [this](const auto &done) { return !m_supervisor.process(done.first); });
    for (auto &[id, entry] : m_done) {
        if (const ManagedProcess *process = m_supervisor.process(id))
            entry = process->entry();
    }
    answer(result());
    deleteLater();
}

Result<CommandResult> Operation::resultSoFar() const
{
    if (!m_failures.isEmpty() || m_notStored)
        return result();
    CommandResult begun;
    for (const auto &[id, entry] : m_entries) {
        const ManagedProcess *process = m_supervisor.process(id);
        begun.processes.append(process ? process->entry() : entry);
    }
    begun.message = tr("begun; see the status of %n process(es) for how it goes on", nullptr,
                       int(begun.processes.size()));
    return begun;
}

Result<CommandResult> Operation::result() const
{
    if (!m_failures.isEmpty())
        return tl::unexpected(failure());
    if (m_notStored)
        return tl::unexpected(*m_notStored);
    CommandResult result;
    for (const auto &[id, entry] : m_done)
        result.processes.append(entry);
    const Phrase &phrase = phrases[static_cast<std::size_t>(m_action)];
    const int count = int(result.processes.size());
    result.message = count == 1 ? tr(phrase.one).arg(result.processes.first().name)
                                : tr(phrase.many, nullptr, count);
    return result;
}

Error Operation::failure() const
{
    Error error = m_failures.first().error;
    if (m_entries.size() > 1)
        error.message = tr("%1: %2").arg(m_failures.first().process, error.message);
    QJsonArray failed;
    for (const Failure &each : m_failures)
        failed.append(QJsonObject{{u"process"_s, each.process},
                                  {u"code"_s, toString(each.error.code)},
                                  {u"message"_s, each.error.message}});
    QJsonArray done;
    for (const auto &[id, entry] : m_done)
        done.append(entry.name);
    error.details.insert(u"failed"_s, failed);
    error.details.insert(u"done"_s, done);
    return error;
}

} // namespace pmdaemon

#include "moc_operation.cpp"

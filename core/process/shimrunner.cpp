// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/shimrunner.h"

#include "core/logs/logwriter.h"
#include "core/process/childprogram.h"
#include "core/process/installedprogram.h"
#include "core/process/processhandle.h"
#include "core/slot/shortage.h"
#include "core/slot/slotfifo.h"

#include <QFile>
#include <QLoggingCategory>
#include <QProcess>

#include <algorithm>
#include <cerrno>
#include <signal.h>
#include <system_error>
#include <unistd.h>
#include <utility>

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace pmdaemon {

namespace {

Q_LOGGING_CATEGORY(lcShim, "pmdaemon.shim", QtInfoMsg)

constexpr milliseconds firstRetry{5};
constexpr milliseconds lastRetry{1'000};

WallTime wall(qint64 time)
{
    return WallTime(milliseconds(time));
}

Result<void> checkLog(const QString &file, const LogFiles &files)
{
    if (file.isEmpty() || file == "/dev/null"_L1)
        return {};
    Result<void> prepared = LogWriter(file, files.maxSize, files.maxFiles).prepare();
    if (!prepared)
        prepared.error().code = ErrorCode::StartFailed;
    return prepared;
}

QString words(int code)
{
    return QString::fromLocal8Bit(std::system_category().message(code));
}

} // namespace

ShimRunner::ShimRunner(const ShimHome &home, QObject *parent)
    : ProcessRunner(parent)
    , m_home(home)
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this,
            [this] { m_wantsStart && !m_isPrepared ? prepare() : reach(); });
    connect(&m_link, &ShimLink::connected, this, &ShimRunner::onConnected);
    connect(&m_link, &ShimLink::lost, this, &ShimRunner::onLost);
    connect(&m_link, &ShimLink::record, this, &ShimRunner::take);
    connect(&m_link, &ShimLink::state, this, &ShimRunner::onState);
    connect(&m_link, &ShimLink::acknowledged, this, &ShimRunner::onAcknowledged);
}

ShimRunner::~ShimRunner() = default;

qint64 ShimRunner::pid() const
{
    return m_phase == Phase::Running ? m_spawned.pid : 0;
}

bool ShimRunner::needsShim() const
{
    return m_phase != Phase::Idle || m_isResuming;
}

/// Of the specification only what errors are told with is kept.
void ShimRunner::use(const LaunchSpec &spec)
{
    m_spec = spec;
    m_slot.emplace(m_home.home, m_home.runDirectory, spec.id);
}

void ShimRunner::start(const LaunchSpec &spec)
{
    Q_ASSERT(m_phase == Phase::Idle);
    const bool isNew = !m_slot;
    use(spec);
    m_skipsPast = isNew && m_slot->exists(); // of before a boot of the machine
    m_phase = Phase::Starting;
    m_wantsStart = true;
    m_wantedStop.reset();
    m_isPrepared = false;
    prepare();
}

/// Puts down what the shim has to find, and has the program started.
void ShimRunner::prepare()
{
    // The shim can only say that it failed; here it can be said why.
    const Result<void> prepared =
        checkLog(m_spec.logs.out, m_spec.logs)
            .and_then([this] { return checkLog(m_spec.logs.err, m_spec.logs); })
            .and_then([this] { return m_slot->write(m_spec, m_home.openFiles); });
    if (!prepared)
        return failLaunch(prepared.error());
    m_isPrepared = true;
    m_isPutOff = false;
    m_spec.environment.clear(); // it is on disk now
    m_spec.arguments.clear();
    if (m_isCurrent) {
        sendSockets();
        sendWishes();
        return;
    }
    if (m_isLaunching || m_retry.isActive() || m_link.isActive())
        return;
    QStringList role{u"--launch"_s, m_slot->path(), m_slot->socket()};
    if (!m_skipsPast && m_spec.sockets.isEmpty())
        role.append(u"--start"_s); // else it has something to be told first
    launchShim(role);
}

void ShimRunner::stop(const StopPolicy &policy)
{
    if (m_phase == Phase::Idle)
        return;
    if (m_isPutOff && m_retry.isActive()) {
        m_retry.stop();
        m_isPutOff = m_wantsStart = false;
        m_phase = Phase::Idle;
        emit waitCancelled();
        return;
    }
    m_wantedStop = policy;
    if (m_isCurrent)
        sendWishes();
}

Result<void> ShimRunner::sendSignal(int signal)
{
    // Not our child: the handle makes sure that the number still means the same process.
    const auto process = ProcessHandle::open(static_cast<pid_t>(pid()));
    const bool isIt = pid() != 0 && process && process->stat().startTime == m_spawned.startTime;
    const int code = isIt ? process->signal(signal) : ESRCH;
    if (code == 0)
        return {};
    if (code == ESRCH)
        return fail(ErrorCode::NotRunning, tr("%1 is not running.").arg(m_spec.name));
    return fail(code == EINVAL ? ErrorCode::InvalidMessage : ErrorCode::Internal,
                tr("Cannot send signal %1 to %2: %3.").arg(signal).arg(m_spec.name, words(code)),
                {{u"errno"_s, code}});
}

Result<void> ShimRunner::send(const QByteArray &bytes)
{
    if (pid() == 0)
        return fail(ErrorCode::NotRunning, tr("%1 is not running.").arg(m_spec.name));
    const QString path = m_slot->path() + u'/' + QLatin1String(inputFifoName);
    const auto openInput = [&path](int mode) {
        return UniqueFd(::open(QFile::encodeName(path).constData(),
                               mode | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    };
    const UniqueFd input = openInput(O_WRONLY); // ENXIO where nobody reads
    const int code = errno;
    const UniqueFd reader = openInput(O_RDONLY); // lest the last one go meanwhile: SIGPIPE
    errno = code;
    return writeInput(m_spec, input.get(), bytes);
}

void ShimRunner::resume(const LaunchSpec &spec, quint64 position)
{
    Q_ASSERT(m_phase == Phase::Idle);
    use(spec);
    m_position = position;
    m_isResuming = true;
    reach();
}

LaunchSpec ShimRunner::launchedBefore(const LaunchSpec &planned) const
{
    return SlotDirectory(m_home.home, m_home.runDirectory, planned.id).recalled(planned);
}

void ShimRunner::forget(quint64 position)
{
    if (m_isCurrent)
        m_link.request(ShimMessage::Acked, position);
}

void ShimRunner::release()
{
    if (!m_slot)
        return;
    m_home.forget(m_spec.id);
    m_link.close();
    m_slot->endShim();
    m_fifos = {};
    m_isCurrent = false;
}

void ShimRunner::discard()
{
    release();
    if (m_slot)
        m_slot->remove();
}

void ShimRunner::launchShim(const QStringList &role)
{
    m_isLaunching = true;
    auto *launcher = new QProcess(this);
    launcher->setStandardInputFile(QProcess::nullDevice());
    launcher->setStandardErrorFile(QProcess::nullDevice());
    // What the daemon was started with is none of the shim's business.
    QProcessEnvironment environment;
    environment.insert(u"LC_ALL"_s, u"C"_s);
    launcher->setProcessEnvironment(environment);
    connect(launcher, &QProcess::finished, this, [this, launcher] {
        launcher->deleteLater();
        onLaunched(launcher->readAllStandardOutput());
    });
    connect(
        launcher, &QProcess::errorOccurred, this,
        [this, launcher](QProcess::ProcessError error) {
            if (error != QProcess::FailedToStart)
                return;
            launcher->deleteLater();
            onNotExecuted(launcher->errorString());
        },
        Qt::QueuedConnection);
    launcher->start(m_home.program, role);
}

void ShimRunner::onLaunched(const QByteArray &answer)
{
    m_isLaunching = false;
    const QList<QByteArray> parts = answer.trimmed().split(' ');
    if (parts[0] == "ok" || parts[0] == "busy") {
        holdFifos();
        m_link.open(m_slot->socket());
        return;
    }
    if (parts[0] == "failed" && parts.size() == 3)
        return failLaunch(startError(m_spec, spawnStep(parts[1]), parts[2].toInt()));
    // It was killed. Where that goes on, it is no chance.
    if (m_retryDelay == 0ms)
        return onLost();
    putOff({ErrorCode::StartFailed, tr("Cannot start %1. %2 ended before it could say why.")
                                        .arg(m_spec.name, m_home.program)});
}

void ShimRunner::onNotExecuted(const QString &words)
{
    m_isLaunching = false;
    LaunchSpec shim = m_spec;
    shim.program = m_home.program;
    const bool isProgram = ::access(QFile::encodeName(shim.program).constData(), X_OK) == 0;
    const int code = isProgram ? whyNotForked(words) : errno;
    failLaunch(startError(shim, isProgram ? SpawnStep::Fork : SpawnStep::Exec, code));
}

void ShimRunner::failLaunch(const Error &error)
{
    const bool isStart = m_phase == Phase::Starting && m_wantsStart;
    if (!isStart || (!m_wantedStop && isShortage(error)))
        return putOff(error);
    m_isPutOff = m_wantsStart = false;
    m_phase = Phase::Idle;
    emit startFailed(error);
}

void ShimRunner::putOff(const Error &error)
{
    m_isPutOff = m_phase == Phase::Starting && m_wantsStart;
    if (!m_isPutOff) {
        qCWarning(lcShim).noquote() << error.message;
        return onLost();
    }
    m_retry.start(milliseconds(shortageDelay));
    emit startPutOff(error);
}

/// Opened anew, as they may have been made anew. Where descriptors are short, those of the shim and
/// the keeper have to do: the upper half is for what cannot be done without.
void ShimRunner::holdFifos()
{
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    for (size_t i = 0; i < m_fifos.size(); ++i) {
        const QString path = m_slot->path() + u'/' + QLatin1String(fifoNames[i]);
        UniqueFd fifo = openFifo(AT_FDCWD, QFile::encodeName(path).constData());
        if (fifo && rlim_t(fifo.get()) < descriptors.rlim_cur / 2)
            m_fifos[i] = std::move(fifo);
    }
}

/// Connects to the shim, or makes one where there is none.
void ShimRunner::reach()
{
    if (m_isResuming && !m_slot->exists()) {
        m_isResuming = false;
        m_position = 0; // of a journal that is gone: the next one begins anew
        emit resumed({});
        return;
    }
    holdFifos();
    if (m_slot->holder() != 0)
        m_link.open(m_slot->socket());
    else if (!m_isLaunching)
        launchShim({u"--adopt"_s, m_slot->path(), m_slot->socket()});
}

void ShimRunner::onConnected()
{
    m_home.watch(m_spec.id);
    m_isPutOff = false;
    if (m_skipsPast)
        m_link.request(ShimMessage::Status);
    else
        m_link.request(ShimMessage::Subscribe, m_position);
}

void ShimRunner::onLost()
{
    m_isCurrent = false;
    if (!needsShim())
        return;
    m_retryDelay = std::clamp(m_retryDelay * 2, firstRetry, lastRetry);
    m_retry.start(m_retryDelay);
}

void ShimRunner::onAcknowledged(ShimMessage request, int code, quint64 lastSeq)
{
    if (request == ShimMessage::Subscribe) {
        // Whoever removed the slot was killed half-way, and its journal began anew.
        m_position = std::min(m_position, lastSeq);
        m_isCurrent = true;
        m_retryDelay = 0ms;
        sendSockets();
        m_isOutdated = isOutdated(m_slot->holder(), m_home.program);
        if (m_isResuming)
            m_link.request(ShimMessage::Status);
        else
            sendWishes();
        upgrade();
    } else if (request == ShimMessage::Upgrade) {
        onUpgraded(code);
    } else if (request == ShimMessage::Start && code != 0 && m_wantsStart) {
        m_wantsStart = false;
        m_phase = Phase::Idle;
        emit startFailed(startError(m_spec, SpawnStep::Spec, code));
    }
}

/// A shim that starts, stops or clears refuses: it is asked again when it has.
void ShimRunner::upgrade()
{
    if (m_isCurrent && std::exchange(m_isOutdated, false) && m_home.mayUpgrade())
        m_link.request(ShimMessage::Upgrade, QByteArrayView(QFile::encodeName(m_home.program)));
}

void ShimRunner::onUpgraded(int code)
{
    m_isOutdated = code == EBUSY;
    if (code != 0 && code != EBUSY)
        qCWarning(lcShim).noquote()
            << tr("The shim of %1 stays as it is: %2 cannot be executed: %3")
                   .arg(m_spec.name, m_home.program, words(code));
}

/// Before what is wished: a shim may have none, being new, or those of an earlier specification.
void ShimRunner::sendSockets()
{
    if (m_spec.sockets.isEmpty())
        return;
    ShimLink::Descriptors descriptors;
    for (const HandedSocket &socket : m_spec.sockets)
        descriptors.push_back(socket.descriptor);
    m_link.request(ShimMessage::Sockets, std::move(descriptors));
}

/// Those that the journal does not show yet. A shim that dies before it has written one down leaves
/// it to be sent again.
void ShimRunner::sendWishes()
{
    if (m_wantsStart)
        m_link.request(ShimMessage::Start);
    if (m_wantedStop)
        m_link.request(ShimMessage::Stop, ShimStop{m_wantedStop->signal, m_wantedStop->tree,
                                                   qint64(m_wantedStop->timeout.count())});
}

void ShimRunner::onState(const ShimState &state)
{
    if (std::exchange(m_skipsPast, false)) {
        m_position = state.lastSeq;
        m_link.request(ShimMessage::Subscribe, m_position);
    }
    if (!m_isResuming)
        return;
    m_isResuming = false;
    using enum ShimPhase;
    m_phase = state.phase == Idle       ? Phase::Idle
              : state.phase == Waiting  ? Phase::Waiting
              : state.phase == Spawning ? Phase::Starting
              : state.phase == Clearing ? Phase::Clearing
                                        : Phase::Running;
    m_spawned.pid = state.pid;
    m_spawned.startTime = state.startTime;
    m_spawned.generation = state.generation;
    ResumedRun run;
    run.phase = m_phase == Phase::Idle      ? ResumedRun::Phase::Idle
                : m_phase == Phase::Waiting ? ResumedRun::Phase::Waiting
                                            : ResumedRun::Phase::Running;
    run.pid = pid();
    run.startedAt = wall(state.startedAt);
    run.stopping = state.stopping != 0;
    emit resumed(run);
    sendWishes();
}

void ShimRunner::take(const JournalRecord &record)
{
    m_position = record.seq; // lower than before where it is another journal
    switch (record.type) {
    case RecordType::Wanted:
        return takeWanted(record.wanted);
    case RecordType::Spawned:
        m_spawned = record.spawned;
        m_startedAt = wall(record.wall);
        m_phase = Phase::Starting;
        return;
    case RecordType::Up:
        return takeUp(record);
    case RecordType::Ready:
        if (m_phase == Phase::Running)
            emit ready();
        return;
    case RecordType::StartFailed:
        return takeFailure(record.startFailed);
    case RecordType::Exited:
        return takeExit(record);
    case RecordType::Ended:
        return takeEnd(record);
    case RecordType::Cancelled:
        m_phase = Phase::Idle;
        m_wantedStop.reset();
        emit waitCancelled();
        return;
    case RecordType::Trouble:
        return takeTrouble(record.trouble);
    case RecordType::Gap:
        emit logDropped(record.gap.bytes, record.gap.lines);
        return;
    case RecordType::Rotating:
        if (record.rotating.inode != 0) // else it did not come to it
            emit logRotated(record.rotating.stream == 0 ? LogStream::Out : LogStream::Err);
        return;
    case RecordType::Adopted:
        return;
    }
}

void ShimRunner::takeWanted(const WantedRecord &record)
{
    if (record.up) {
        m_wantsStart = false;
        m_phase = Phase::Starting;
    } else if (m_wantedStop && record.signal == m_wantedStop->signal) {
        m_wantedStop.reset();
        emit stopNoted();
    }
}

void ShimRunner::takeUp(const JournalRecord &record)
{
    m_phase = Phase::Running;
    upgrade();
    const bool isKnown = m_spawned.generation == record.up.generation;
    emit started(record.up.pid, isKnown ? m_startedAt : wall(record.wall));
}

void ShimRunner::takeFailure(const StartFailedRecord &record)
{
    const Error error = startError(m_spec, record.step, record.code);
    if (record.delay >= 0) {
        m_phase = Phase::Waiting;
        emit startPutOff(error);
        return;
    }
    m_phase = Phase::Idle;
    m_wantedStop.reset();
    emit startFailed(error);
}

void ShimRunner::takeExit(const JournalRecord &record)
{
    m_phase = Phase::Clearing;
    const ExitedRecord &exited = record.exited;
    m_exit = {};
    m_exit.at = wall(record.wall);
    m_exit.uptime = milliseconds(exited.uptime);
    if (exited.how == ExitHow::Exited)
        m_exit.exitCode = exited.status;
    else if (exited.how != ExitHow::Unknown)
        m_exit.signal = exited.status;
}

void ShimRunner::takeEnd(const JournalRecord &record)
{
    m_exit.requested = (record.flags & EndedRecord::Requested) != 0;
    m_exit.killed = (record.flags & EndedRecord::Killed) != 0;
    m_exit.outOfMemory = (record.flags & EndedRecord::OutOfMemory) != 0;
    m_exit.next = {RestartDecision::Verdict{record.ended.verdict}, record.ended.delay};
    const bool restarts = m_exit.next.verdict == RestartDecision::Verdict::Restart;
    m_phase = restarts ? Phase::Waiting : Phase::Idle;
    if (!restarts)
        m_wantedStop.reset();
    upgrade();
    const ProcessExit exit = m_exit;
    emit exited(exit);
}

void ShimRunner::takeTrouble(const TroubleRecord &record)
{
    if (record.code == 0)
        return;
    const QString &file = record.stream == 0 ? m_spec.logs.out : m_spec.logs.err;
    emit logFailed({ErrorCode::Internal,
                    tr("Cannot store the log in %1: %2. The output waits, and is dropped and "
                       "counted once the program would have to wait for it.")
                        .arg(file, words(record.code)),
                    {{u"errno"_s, record.code}, {u"path"_s, file}}});
}

} // namespace pmdaemon

#include "moc_shimrunner.cpp"

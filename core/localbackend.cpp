// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/localbackend.h"

#include "core/config/specfields.h"
#include "core/logs/logreader.h"
#include "core/logs/logtail.h"
#include "core/metrics/metricssampler.h"
#include "core/process/commandexecutor.h"
#include "core/state/metricspast.h"
#include "core/state/staterecorder.h"

#include <QCryptographicHash>
#include <QSysInfo>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// How often the memory of a process with a limit is looked at.
constexpr milliseconds limitInterval{1'000};
constexpr milliseconds historyInterval{1'000};
constexpr int logReaderThreads = 2;

/// Says nothing about the machine, but is the same for the same machine and home.
QString hostId(const QString &home)
{
    const QByteArray text = QSysInfo::machineUniqueId() + '\0' + home.toUtf8();
    return QString::fromLatin1(
        QCryptographicHash::hash(text, QCryptographicHash::Sha256).toHex().first(32));
}

QList<int> portsOf(const ManagedProcess &process)
{
    const std::optional<PortSpec> &ports = process.spec().port;
    if (process.entry().port)
        return {*process.entry().port};
    if (!ports || ports->kind == PortSpec::Kind::Auto)
        return {};
    return {ports->first + process.entry().instance};
}

} // namespace

LocalBackend::LocalBackend(const QString &home, ProcessRunnerFactory makeRunner, QObject *parent)
    : LocalBackend(Surroundings{.launch = {home, QProcessEnvironment::systemEnvironment()},
                                .makeRunner = makeRunner,
                                .makeProbeRunner = makeRunner},
                   u"/proc"_s, parent)
{}

LocalBackend::LocalBackend(Surroundings surroundings, const QString &procRoot, QObject *parent)
    : Backend(parent)
    , m_supervisor(std::make_unique<Supervisor>(std::move(surroundings)))
    , m_executor(std::make_unique<CommandExecutor>(*m_supervisor, [this] { return persisted(); }))
    , m_sampler(std::make_unique<MetricsSampler>(procRoot, m_supervisor->home()))
    , m_tail(std::make_unique<LogTail>())
{
    m_logReaders.setMaxThreadCount(logReaderThreads);
    setRole(Role::Admin);
    setConnectionState(ConnectionState::Live);
    keepHistory(historyInterval);

    connect(m_supervisor.get(), &Supervisor::statusChanged, this, &LocalBackend::onStatus);
    connect(m_supervisor.get(), &Supervisor::updated, this, &LocalBackend::onUpdated);
    connect(m_supervisor.get(), &Supervisor::removed, this, &LocalBackend::onRemoved);
    connect(m_supervisor.get(), &Supervisor::happened, this, &Backend::processEvent);
    connect(m_supervisor.get(), &Supervisor::healthChanged, this, &Backend::healthChanged);
    connect(m_sampler.get(), &MetricsSampler::processFrame, this, &LocalBackend::onFrame);
    connect(m_sampler.get(), &MetricsSampler::systemSampled, this, &Backend::systemMetrics);
    connect(m_tail.get(), &LogTail::lines, this, &Backend::logLines);
}

LocalBackend::~LocalBackend()
{
    // What a dying part still says finds no mirror any more.
    m_supervisor->disconnect(this);
    m_sampler->disconnect(this);
    m_tail->disconnect(this);
    m_logReaders.waitForDone();
}

Reply<CommandResult> LocalBackend::command(Command command)
{
    return m_executor->execute(command);
}

Reply<ApplyReport> LocalBackend::apply(ApplyRequest request)
{
    return m_executor->apply(request);
}

Reply<CommandResult> LocalBackend::apply(const ProcessSpec &spec)
{
    return m_executor->apply(spec);
}

void LocalBackend::restore(StateStore &store)
{
    const StoredState state = store.load();
    QList<KnownProcess> known;
    for (const StoredProcess &stored : state.processes)
        known.append(knownProcess(stored));
    m_supervisor->restore(known, state.nextId, state.sameBoot);
    m_store = &store;
    m_recorder = std::make_unique<StateRecorder>(store, *m_supervisor);
    connect(m_sampler.get(), &MetricsSampler::minuteEnded, m_recorder.get(),
            &StateRecorder::record);
    m_supervisor->storeBeforeLaunch([this] { return persisted(); });
}

Reply<void> LocalBackend::persisted()
{
    return m_recorder ? m_recorder->persisted() : readyReply<void>({});
}

void LocalBackend::keepHistory(milliseconds interval)
{
    m_sampler->keepHistory(interval);
}

void LocalBackend::close()
{
    m_executor->close();
}

QFuture<void> LocalBackend::stopAll()
{
    return m_supervisor->stopAll();
}

Reply<QList<ProcessDetail>> LocalBackend::processInfo(QString target)
{
    return m_supervisor->onceRestored([this, target] { return readyReply(detailsOf(target)); });
}

Result<QList<ProcessDetail>> LocalBackend::detailsOf(const QString &target)
{
    const QList<ManagedProcess *> found =
        target.isEmpty() ? m_supervisor->processes() : m_supervisor->resolve(target);
    if (found.isEmpty() && !target.isEmpty() && target != "all"_L1)
        return fail(ErrorCode::NotFound, tr("there is no process “%1”").arg(target));
    QList<ProcessDetail> details;
    for (const ManagedProcess *process : found)
        details.append(detailOf(*process));
    return details;
}

ProcessDetail LocalBackend::detailOf(const ManagedProcess &process)
{
    const LogFiles logs = m_supervisor->logFilesOf(process);
    return {.entry = process.entry(),
            .sample = m_sampler->sampleNow(process.entry().id),
            .config = specToJson(process.spec()),
            .health = process.lastHealth(),
            .outFile = logs.out,
            .errorFile = logs.err,
            .ports = portsOf(process)};
}

Reply<SystemInfo> LocalBackend::systemInfo()
{
    return m_supervisor->onceRestored([this] { return readyReply<SystemInfo>(systemNow()); });
}

SystemInfo LocalBackend::systemNow() const
{
    return {
        .metrics = m_sampler->systemNow(),
        .hostname = QSysInfo::machineHostName(),
        .platform = QSysInfo::kernelType(),
        .arch = QSysInfo::currentCpuArchitecture(),
        .version = u"" PMDAEMON_VERSION ""_s,
        .capabilities = {u"scale"_s, u"signal"_s, u"reset"_s, u"flush"_s, u"health_checks"_s,
                         u"history"_s, u"logs"_s, u"log_batch"_s, u"namespaces"_s, u"events"_s,
                         u"apply"_s},
        .hostId = hostId(m_supervisor->home()),
        .time = wallNow(),
        .role = role(),
        .problems = m_store ? m_store->problems() : QStringList(),
    };
}

Result<ManagedProcess *> LocalBackend::one(const QString &target) const
{
    const QList<ManagedProcess *> found = m_supervisor->resolve(target);
    if (found.isEmpty())
        return fail(ErrorCode::NotFound, tr("there is no process “%1”").arg(target));
    if (found.size() > 1)
        return fail(ErrorCode::InvalidMessage,
                    tr("“%1” names %2 processes; ask for one of them, such as “%3”")
                        .arg(target, QString::number(found.size()), found.first()->entry().name));
    return found.first();
}

Reply<History> LocalBackend::history(QString process, WallTime from, WallTime to, milliseconds step)
{
    MetricsQuery query{.process = {}, .from = from, .to = to};
    if (!process.isEmpty()) {
        const Result<ManagedProcess *> found = one(process);
        if (!found)
            return readyReply<History>(tl::unexpected(found.error()));
        query.process = (*found)->entry().id;
    }
    return readPast(m_sampler->history(), m_store, query, step);
}

Reply<LogPage> LocalBackend::logs(LogQuery query)
{
    const Result<ManagedProcess *> found = one(query.process);
    if (!found)
        return readyReply<LogPage>(tl::unexpected(found.error()));
    const ProcessEntry &entry = (*found)->entry();
    const LogFiles files = m_supervisor->logFilesOf(**found);
    const auto promise = std::make_shared<QPromise<Result<LogPage>>>();
    promise->start();
    m_logReaders.start([promise, query = std::move(query),
                        source = LogSource{.id = entry.id,
                                           .name = entry.name,
                                           .instance = entry.instance,
                                           .out = files.out,
                                           .err = files.err,
                                           .end = m_tail->catchUp(entry.id)}] {
        promise->addResult(readLogPage(source, query));
        promise->finish();
    });
    return promise->future();
}

Reply<EventPage> LocalBackend::events(EventQuery query)
{
    // Before, what happened without a daemon is not all known.
    return m_supervisor->onceRestored([this, query] { return pastEvents(query); });
}

Reply<EventPage> LocalBackend::pastEvents(EventQuery query)
{
    if (!m_store)
        return readyReply<EventPage>({});
    if (query.process == "all"_L1)
        query.process.clear();
    QList<ProcessId> ids;
    for (const ProcessEntry &entry : resolve(query.process))
        ids.append(entry.id);
    const bool mustBeFound = !query.process.isEmpty() && ids.isEmpty() && !query.before;
    bool isId = false;
    const int id = query.process.toInt(&isId);
    if (isId && ids.isEmpty())
        ids.append(ProcessId(id)); // of one that is gone
    // What has just happened comes before the question.
    static_cast<void>(persisted());
    return m_store->events(query, ids)
        .then([mustBeFound, target = query.process](Result<EventPage> page) -> Result<EventPage> {
            if (page && page->events.isEmpty() && mustBeFound)
                return fail(ErrorCode::NotFound,
                            tr("there is no process “%1”, and no event of one").arg(target));
            return page;
        });
}

void LocalBackend::onStatus(const StatusChange &change)
{
    const ProcessEntry &entry = change.process;
    m_sampler->track(entry.id, entry.pid.value_or(0), entry.startedAt.value_or(WallTime{}));
    // Memory limits hold while online, and who is online may write to other files than before.
    const bool wasOnline = change.previous == ProcessStatus::Online;
    if (wasOnline || entry.status == ProcessStatus::Online || !process(entry.id))
        updateWatchesLater();
    applyStatus(change);
}

void LocalBackend::onUpdated(const ProcessEntry &entry)
{
    m_sampler->track(entry.id, entry.pid.value_or(0), entry.startedAt.value_or(WallTime{}));
    updateWatchesLater();
    applyUpdate(entry);
}

void LocalBackend::onRemoved(ProcessId id)
{
    m_sampler->untrack(id);
    updateWatchesLater();
    applyRemoval(id);
}

void LocalBackend::onFrame(const MetricsFrame &frame)
{
    if (interest().processMetrics.contains(frame.interval))
        applyMetrics(frame);
    if (frame.interval != limitInterval)
        return;
    for (const ProcessSample &sample : frame.processes) {
        if (ManagedProcess *process = m_supervisor->process(sample.id))
            process->checkLimits(sample);
    }
}

void LocalBackend::interestChanged()
{
    // An interval that the sampler serves already brings its next frame by itself only after a
    // whole interval; who joins is owed one now.
    for (const auto &[interval, filters] : interest().processMetrics) {
        const auto before = m_sampledFor.find(interval);
        if (before != m_sampledFor.end() &&
            std::any_of(filters.begin(), filters.end(), [&](const ProcessFilter &filter) {
                return !before->second.contains(filter);
            }))
            m_owedFrames.append(interval);
    }
    updateWatches();
    if (!m_owedFrames.isEmpty())
        QMetaObject::invokeMethod(this, &LocalBackend::sendFirstFrames, Qt::QueuedConnection);
}

void LocalBackend::sendFirstFrames()
{
    for (const milliseconds interval : std::exchange(m_owedFrames, {})) {
        const auto wanted = interest().processMetrics.find(interval);
        if (wanted == interest().processMetrics.end())
            continue;
        MetricsFrame frame{.time = wallNow(), .interval = interval, .processes = {}};
        for (const ProcessId id : idsOf(wanted->second))
            frame.processes.append(m_sampler->sampleNow(id));
        applyMetrics(frame);
    }
}

void LocalBackend::updateWatchesLater()
{
    if (std::exchange(m_updatePending, true))
        return;
    QMetaObject::invokeMethod(this, &LocalBackend::updateWatches, Qt::QueuedConnection);
}

void LocalBackend::updateWatches()
{
    m_updatePending = false;
    std::map<milliseconds, QList<ProcessId>> watches;
    m_sampledFor = interest().processMetrics;
    for (const auto &[interval, filters] : m_sampledFor)
        watches.emplace(interval, idsOf(filters));
    if (const QList<ProcessId> limited = limitedIds(); !limited.isEmpty()) {
        QList<ProcessId> &ids = watches[limitInterval];
        QList<ProcessId> both;
        std::set_union(ids.cbegin(), ids.cend(), limited.cbegin(), limited.cend(),
                       std::back_inserter(both));
        ids = both;
        m_sampledFor.try_emplace(limitInterval);
    }
    m_sampler->setProcessWatches(watches);
    m_sampler->setSystemWatches(interest().systemMetrics);
    updateLogSources();
}

void LocalBackend::updateLogSources()
{
    QList<LogSource> sources;
    for (const ProcessId id : idsOf(interest().logs)) {
        const ManagedProcess *process = m_supervisor->process(id);
        if (!process)
            continue;
        const LogFiles files = m_supervisor->logFilesOf(*process);
        const auto isThere = [&files](const LogSource &source) {
            return source.out == files.out && source.err == files.err;
        };
        if (process->spec().mergeLogs && std::any_of(sources.begin(), sources.end(), isThere))
            continue; // a line of several belongs to the first of them
        sources.append({.id = id,
                        .name = process->entry().name,
                        .instance = process->entry().instance,
                        .out = files.out,
                        .err = files.err});
    }
    m_tail->setSources(sources);
}

QList<ProcessId> LocalBackend::idsOf(const QList<ProcessFilter> &filters) const
{
    QList<ProcessId> ids;
    for (const ProcessEntry &entry : processes()) {
        if (std::any_of(filters.begin(), filters.end(),
                        [&](const ProcessFilter &filter) { return filter.matches(entry); }))
            ids.append(entry.id);
    }
    return ids;
}

QList<ProcessId> LocalBackend::limitedIds() const
{
    QList<ProcessId> ids;
    for (const ManagedProcess *process : m_supervisor->processes()) {
        const ProcessSpec &spec = process->spec();
        if (process->isRunning() && (spec.maxMemoryRestart > 0 || spec.maxCpuPercent > 0))
            ids.append(process->entry().id);
    }
    return ids;
}

} // namespace pmdaemon

#include "moc_localbackend.cpp"

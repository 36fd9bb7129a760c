// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/eventtext.h"
#include "app/cli/following.h"
#include "app/cli/sanitize.h"
#include "core/model/processtarget.h"
#include "core/protocol/servermessage.h"

#include <QDateTime>

#include <algorithm>
#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype eventsRemembered = 1'000;
constexpr int titleWidth = 12;
// Of two processes' events the later one may have been heard and the other one lost with its
// daemon.
constexpr milliseconds longestDisorder{60'000};

QString clock(WallTime time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count())
        .toString(u"yyyy-MM-dd HH:mm:ss"_s);
}

/// Reads what is stored, then follows what happens, over reconnects.
class EventsCommand : public QObject
{
public:
    EventsCommand(Context &context, const EventsOptions &options);

    ExitCode run();

private:
    ExitCode printPast(EventQuery query);
    void take(const ProcessEvent &event);
    void print(const ProcessEvent &event);
    bool isTarget(const ProcessEvent &event) const;
    void catchUp();

    Context &m_context;
    const EventsOptions &m_options;
    RemoteBackend &m_backend;
    QList<ProcessEvent> m_early;   ///< happened before the past was printed
    QList<ProcessEvent> m_printed; ///< the newest
    QJsonArray m_array;
    WallTime m_from = wallNow(); ///< of the first one, once there is one
    qsizetype m_nameWidth = 0;
    bool m_isPastPrinted = false;
    std::optional<Following> m_following;
};

EventsCommand::EventsCommand(Context &context, const EventsOptions &options)
    : m_context(context)
    , m_options(options)
    , m_backend(context.session.backend())
{}

ExitCode EventsCommand::run()
{
    if (m_options.follow) {
        connect(&m_backend, &Backend::processEvent, this, &EventsCommand::take);
        const auto lost = [this] { m_isPastPrinted = false; };
        m_following.emplace(m_context, Following::Listener{lost, [this] { catchUp(); }});
    }
    EventQuery query;
    query.since = m_options.since;
    query.until = m_options.until;
    query.limit = m_options.count;
    const ExitCode code = m_options.count > 0 ? printPast(query) : ExitCode::Ok;
    m_isPastPrinted = true;
    if (m_options.follow)
        return code == ExitCode::Ok ? m_following->run() : code;
    if (m_context.output.json())
        m_context.output.write(m_array);
    return code;
}

/// Of all targets together, the newest, oldest first.
ExitCode EventsCommand::printPast(EventQuery query)
{
    QList<Reply<EventPage>> replies;
    for (const QString &target : m_options.targets) {
        query.process = target;
        replies.append(m_backend.events(query));
    }
    ExitCode code = ExitCode::Ok;
    QList<ProcessEvent> events;
    for (qsizetype i = 0; i < replies.size(); ++i) {
        const Result<EventPage> page = await(replies[i]);
        if (!page) {
            const Error &error = page.error();
            m_context.output.complain(error.message +
                                      suggestion(m_backend, m_options.targets[i], error));
            m_array.append(failedTarget(m_options.targets[i], error));
            code = code == ExitCode::Ok ? exitCodeFor(error) : code;
            continue;
        }
        if (m_options.follow && !m_printed.isEmpty() && page->cursor)
            m_context.output.complain(Cli::tr(
                "older events are left out, too many at once; `pmdaemon events` tells them"));
        for (auto event = page->events.crbegin(); event != page->events.crend(); ++event) {
            if (!events.contains(*event))
                events.append(*event);
        }
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const ProcessEvent &a, const ProcessEvent &b) { return a.time < b.time; });
    if (events.size() > query.limit)
        events.remove(0, events.size() - query.limit);
    for (const ProcessEvent &event : std::as_const(events))
        m_nameWidth = std::max(m_nameWidth, event.name.size());
    for (const ProcessEvent &event : std::as_const(events) + std::exchange(m_early, {}))
        print(event);
    return code;
}

/// Of one that is gone only the name and the id are known.
bool EventsCommand::isTarget(const ProcessEvent &event) const
{
    const ProcessEntry *entry = m_backend.process(event.id);
    const auto isMeant = [&](const QString &target) {
        const ProcessTarget wanted(target);
        return wanted.isAll() || target == event.name ||
               target == QString::number(toInt(event.id)) || (entry && wanted.matches(*entry));
    };
    return std::ranges::any_of(m_options.targets, isMeant);
}

void EventsCommand::take(const ProcessEvent &event)
{
    if (!isTarget(event))
        return;
    if (m_isPastPrinted)
        print(event);
    else
        m_early.append(event);
}

/// Once, whether it came with the past or by itself.
void EventsCommand::print(const ProcessEvent &event)
{
    if (m_options.follow && m_printed.contains(event))
        return;
    if (m_printed.isEmpty())
        m_from = event.time;
    if (m_printed.size() >= 2 * eventsRemembered)
        m_printed.remove(0, eventsRemembered);
    m_printed.append(event);
    Output &output = m_context.output;
    if (output.json()) {
        const QJsonObject json = toJson(event);
        m_options.follow ? output.write(json) : m_array.append(json);
        return;
    }
    const QByteArray title = eventTitle(event.kind).leftJustified(titleWidth).toUtf8();
    const bool isRed = output.colour() && isAlarming(event.kind);
    const QByteArray shown = isRed ? "\x1b[31m" + title + "\x1b[0m" : title;
    m_nameWidth = std::max(m_nameWidth, event.name.size());
    const QString head = clock(event.time) + u"  "_s + event.name.leftJustified(m_nameWidth);
    const QByteArray story = harmless(eventStory(event).toUtf8(), Colours::Strip);
    const QByteArray line = head.toUtf8() + "  " + shown + "  " + story;
    output.write(line.trimmed() + '\n');
}

void EventsCommand::catchUp()
{
    EventQuery missed;
    missed.limit = MaxEventsPerPage;
    missed.since = m_from;
    if (!m_printed.isEmpty())
        missed.since = std::max(m_from, m_printed.constLast().time - longestDisorder);
    printPast(missed);
    m_isPastPrinted = m_backend.connectionState() == ConnectionState::Live;
}

} // namespace

ExitCode runEvents(Context &context, const EventsOptions &options)
{
    if (const auto connected = context.session.connect({}, options.follow); !connected)
        return report(context, connected.error());
    return EventsCommand(context, options).run();
}

} // namespace pmdaemon

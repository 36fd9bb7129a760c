// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/processtable.h"
#include "app/cli/sanitize.h"
#include "app/cli/screen.h"
#include "core/protocol/servermessage.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr milliseconds interval{1'000};
constexpr int aroundTheRows = 3; ///< the headline, the titles and the keys

/// The first frame, which the daemon sends at once, or why it did not come.
tl::expected<void, Failure> awaitMetrics(RemoteBackend &backend, const bool &arrived,
                                         milliseconds timeout)
{
    QEventLoop loop;
    QTimer limit;
    limit.setSingleShot(true);
    QObject::connect(&limit, &QTimer::timeout, &loop, &QEventLoop::quit);
    QObject::connect(&backend, &Backend::processMetrics, &loop, &QEventLoop::quit);
    QObject::connect(&backend, &Backend::connectionStateChanged, &loop, &QEventLoop::quit);
    limit.start(timeout);
    while (!arrived && limit.isActive() && backend.connectionState() == ConnectionState::Live)
        loop.exec();
    if (arrived)
        return {};
    if (backend.connectionState() == ConnectionState::Live)
        return tl::unexpected(
            Failure{ExitCode::DaemonUnreachable, Cli::tr("the daemon sent no figures in time")});
    return tl::unexpected(Failure{ExitCode::Network, Cli::tr("the connection was lost")});
}

/// The table, redrawn when something changes, until somebody ends it.
class LiveList : public QObject
{
public:
    LiveList(Context &context, const ListOptions &options)
        : m_context(context)
        , m_options(options)
        , m_backend(context.session.backend())
    {
        connect(&m_screen, &Screen::drawWanted, this, &LiveList::draw);
        connect(&m_screen, &Screen::pressed, this, &LiveList::onKey);
        connect(&m_backend, &Backend::processMetrics, this, &LiveList::take);
        connect(&m_backend, &Backend::statusChanged, &m_screen, &Screen::drawLater);
        connect(&m_backend, &Backend::processRemoved, &m_screen, &Screen::drawLater);
        connect(&m_backend, &Backend::connectionStateChanged, this,
                [this](ConnectionState state, const QString &reason) {
                    m_reason = reason;
                    if (state == ConnectionState::Refused) {
                        m_refusal = reason;
                        m_loop.quit();
                    }
                    m_screen.drawLater();
                });
        m_screen.drawLater();
    }

    /// Why the daemon refused to go on; empty where it was left.
    QString run()
    {
        m_loop.exec();
        return m_refusal;
    }

private:
    void take(const MetricsFrame &frame)
    {
        m_past.take(frame);
        draw();
    }
    void onKey(const KeyPress &key)
    {
        if (key.character == u'q')
            m_loop.quit();
        m_top = moved(key, m_top, m_count, m_page).value_or(m_top);
        m_screen.drawLater();
    }
    void draw()
    {
        QList<ProcessRow> rows = chosenRows(m_backend, m_options);
        for (ProcessRow &row : rows)
            row.cpuPast = m_past.of(row.entry.id);
        const QSize size = m_screen.size();
        m_count = rows.size();
        m_page = std::max(size.height() - aroundTheRows, 1);
        m_top = std::clamp<qsizetype>(m_top, 0, std::max<qsizetype>(m_count - m_page, 0));
        // What a daemon elsewhere says of its end can be anything.
        QByteArrayList lines{harmless(headline(rows).toUtf8(), Colours::Strip)};
        lines += renderProcesses(rows.mid(m_top, m_page), m_context.output, size.width(), true)
                     .split('\n');
        lines.last() = help().toUtf8(); // behind the last end of line
        m_screen.draw(lines);
    }
    QString help() const
    {
        const QString hidden = hiddenRows(m_top, m_count - m_top - m_page);
        QStringList parts;
        if (!hidden.isEmpty())
            parts = {hidden,
                     m_context.output.unicode() ? Cli::tr("↑↓ scroll") : Cli::tr("j k scroll")};
        parts.append(Cli::tr("q leave"));
        return parts.join(m_context.output.unicode() ? u" · "_s : u", "_s);
    }
    QString headline(const QList<ProcessRow> &rows) const
    {
        if (m_backend.connectionState() != ConnectionState::Live)
            return Cli::tr("not connected, the figures are old: %1").arg(m_reason);
        return statusCounts(rows, m_backend.processes().size());
    }

    Context &m_context;
    const ListOptions &m_options;
    Backend &m_backend;
    Screen m_screen{Screen::Keys::Taken};
    QEventLoop m_loop;
    CpuPast m_past;
    qsizetype m_count = 0; ///< of all rows
    qsizetype m_page = 1;  ///< how many of them are shown
    qsizetype m_top = 0;   ///< the first one that is shown
    QString m_reason;
    QString m_refusal;
};

ExitCode watchList(Context &context, const ListOptions &options)
{
    if (context.output.width() == 0 || context.output.json())
        return report(context, {ExitCode::Usage,
                                Cli::tr("list --watch draws on a terminal; programs follow the "
                                        "events of the WebSocket")});
    Watch watch;
    const auto prepare = [&watch](Backend &backend) {
        watch = backend.watchProcessMetrics({}, interval);
    };
    if (const auto connected = context.session.connect(prepare, true); !connected)
        return report(context, connected.error());
    // The screen has to be given back before something is said.
    const QString refusal = LiveList(context, options).run();
    return refusal.isEmpty() ? ExitCode::Ok : report(context, {ExitCode::Permission, refusal});
}

} // namespace

ExitCode runList(Context &context, const ListOptions &options)
{
    if (options.watch)
        return watchList(context, options);
    Watch watch;
    bool arrived = false;
    const auto prepare = [&](Backend &backend) {
        watch = backend.watchProcessMetrics({}, interval);
        QObject::connect(&backend, &Backend::processMetrics, &backend, [&] { arrived = true; });
    };
    if (const auto connected = context.session.connect(prepare); !connected)
        return report(context, connected.error());
    RemoteBackend &backend = context.session.backend();
    const milliseconds timeout =
        context.session.options().timeout.value_or(RemoteBackend::Options{}.queryTimeout);
    if (const auto awaited = awaitMetrics(backend, arrived, timeout); !awaited)
        return report(context, awaited.error());

    const QList<ProcessRow> rows = chosenRows(backend, options);
    if (context.output.json()) {
        QJsonArray array;
        for (const ProcessRow &row : rows)
            array.append(toJson(row.entry, row.sample));
        context.output.write(array);
    } else {
        context.output.write(renderProcesses(rows, context.output, context.output.width()));
    }
    backend.disconnect();
    return ExitCode::Ok;
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/processtable.h"
#include "app/cli/sanitize.h"
#include "app/cli/screen.h"
#include "app/cli/textwidth.h"
#include "app/cli/units.h"

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr milliseconds interval{1'000};
constexpr int linesKept = 500;
constexpr qsizetype bytesRead = 16 * 1024; ///< of a line, far more than any screen shows
constexpr int leastRows = 3;               ///< of the table, with its head
constexpr int logShare = 3;                ///< a third of the screen at least
constexpr int aroundTheLog = 3; ///< the headline, the line above the log and the one below it

/// A key that does something to the selection.
struct ActionKey
{
    QChar key;
    Action action;
    const char *name;
};

constexpr std::array actionKeys = {
    ActionKey{u'r', Action::Restart, QT_TRANSLATE_NOOP("Cli", "restart")},
    ActionKey{u's', Action::Stop, QT_TRANSLATE_NOOP("Cli", "stop or start")},
    ActionKey{u'l', Action::Reload, QT_TRANSLATE_NOOP("Cli", "reload")},
    ActionKey{u'd', Action::Delete, QT_TRANSLATE_NOOP("Cli", "delete")},
};

/// The lines of one process, oldest first: those of the past, then what is written.
class LogTail : public QObject
{
public:
    LogTail(Backend &backend, std::function<void()> changed)
        : m_backend(backend)
        , m_changed(std::move(changed))
    {
        connect(&backend, &Backend::logLines, this, &LogTail::take);
    }

    void follow(const ProcessEntry &entry)
    {
        m_id = entry.id;
        m_lines.clear();
        m_early.clear();
        m_isPast = false;
        m_watch =
            m_backend.watchLogs(ProcessFilter{.names = QStringList{entry.name}, .nameSpaces = {}});
        LogQuery query;
        query.process = QString::number(toInt(entry.id));
        query.lines = linesKept;
        m_backend.logs(query).then(this, [this, id = entry.id](const Result<LogPage> &page) {
            if (id == m_id)
                takePast(page);
        });
    }
    const QList<LogLine> &lines() const { return m_lines; }

private:
    void takePast(const Result<LogPage> &page)
    {
        if (page)
            m_lines = page->lines;
        m_isPast = true;
        const qint64 newest = m_lines.isEmpty() ? 0 : m_lines.constLast().seq;
        for (const LogLine &line : std::exchange(m_early, {})) {
            if (line.seq == 0 || line.seq > newest)
                m_lines.append(line);
        }
        m_changed();
    }
    void take(const LogBatch &batch)
    {
        if (batch.id != m_id)
            return;
        QList<LogLine> &lines = m_isPast ? m_lines : m_early;
        lines.append(batch.lines);
        if (lines.size() > 2 * linesKept)
            lines.remove(0, lines.size() - linesKept);
        m_changed();
    }

    Backend &m_backend;
    const std::function<void()> m_changed;
    ProcessId m_id{-1};
    Watch m_watch;
    QList<LogLine> m_lines;
    QList<LogLine> m_early; ///< what came before the past
    bool m_isPast = false;
};

class Monitor : public QObject
{
public:
    Monitor(Context &context, const ListOptions &options)
        : m_context(context)
        , m_options(options)
        , m_backend(context.session.backend())
        , m_log(m_backend, [this] { m_screen.drawLater(); })
    {
        connect(&m_screen, &Screen::drawWanted, this, &Monitor::draw);
        connect(&m_screen, &Screen::pressed, this, &Monitor::onKey);
        connect(&m_backend, &Backend::processMetrics, this, [this](const MetricsFrame &frame) {
            m_past.take(frame);
            m_screen.drawLater();
        });
        connect(&m_backend, &Backend::systemMetrics, this, [this](const SystemMetrics &metrics) {
            m_system = metrics;
            m_screen.drawLater();
        });
        connect(&m_backend, &Backend::statusChanged, &m_screen, &Screen::drawLater);
        connect(&m_backend, &Backend::processUpdated, &m_screen, &Screen::drawLater);
        connect(&m_backend, &Backend::processRemoved, &m_screen, &Screen::drawLater);
        connect(&m_backend, &Backend::connectionStateChanged, this, &Monitor::onConnection);
        m_screen.drawLater();
    }

    /// Why the daemon refused to go on; empty where it was left.
    QString run()
    {
        m_loop.exec();
        return m_refusal;
    }

private:
    void onConnection(ConnectionState state, const QString &reason)
    {
        m_reason = reason;
        if (state == ConnectionState::Live)
            m_followed.reset(); // what was written meanwhile is read again
        if (state == ConnectionState::Refused) {
            m_refusal = reason;
            m_loop.quit();
        }
        m_screen.drawLater();
    }

    void onKey(const KeyPress &key)
    {
        m_message.clear();
        if (const auto asked = std::exchange(m_asksToDelete, std::nullopt)) {
            if (key.character.toLower() == u'y')
                act(Action::Delete, *asked);
        } else if (key.character == u'q') {
            m_loop.quit();
        } else if (!move(key)) {
            const auto bound =
                std::find_if(actionKeys.begin(), actionKeys.end(),
                             [&](const ActionKey &each) { return each.key == key.character; });
            if (bound != actionKeys.end() && selected())
                choose(bound->action);
        }
        m_screen.drawLater();
    }

    bool move(const KeyPress &key)
    {
        const auto to = moved(key, m_at, m_rows.size(), m_shownRows);
        m_at = to.value_or(m_at);
        if (to && selected())
            m_selected = selected()->id;
        return to.has_value();
    }

    const ProcessEntry *selected() const
    {
        return m_at < m_rows.size() ? &m_rows[m_at].entry : nullptr;
    }

    void choose(Action action)
    {
        if (action == Action::Delete) {
            m_asksToDelete = selected()->id;
            m_message = Cli::tr("Delete %1? y/n").arg(selected()->name);
            return;
        }
        const ProcessStatus status = selected()->status;
        const bool isDown = status == ProcessStatus::Stopped || status == ProcessStatus::Errored;
        act(action == Action::Stop && isDown ? Action::Start : action, selected()->id);
    }

    void act(Action action, ProcessId id)
    {
        Command command;
        command.action = action;
        command.target = QString::number(toInt(id));
        m_backend.command(command).then(this, [this](const Result<CommandResult> &result) {
            m_message = result ? result->message : result.error().message;
            m_screen.drawLater();
        });
    }

    void updateRows()
    {
        m_rows = chosenRows(m_backend, m_options);
        const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const ProcessRow &row) {
            return row.entry.id == m_selected;
        });
        if (found != m_rows.end())
            m_at = found - m_rows.begin();
        m_at = std::clamp<qsizetype>(m_at, 0, std::max<qsizetype>(m_rows.size() - 1, 0));
        m_selected = selected() ? std::optional(selected()->id) : std::nullopt;
        if (m_selected && m_selected != m_followed && isLive()) {
            m_followed = m_selected;
            m_log.follow(*selected());
        }
        for (ProcessRow &row : m_rows)
            row.cpuPast = m_past.of(row.entry.id);
    }

    bool isLive() const { return m_backend.connectionState() == ConnectionState::Live; }

    void draw()
    {
        updateRows();
        const QSize size = m_screen.size();
        const int most = size.height() - aroundTheLog - size.height() / logShare;
        const int tableHeight =
            std::min<int>(int(m_rows.size()) + 1, std::max<int>(most, leastRows));
        QByteArrayList lines{plain(headline())};
        lines += table(tableHeight, size.width());
        lines += plain(separator(size.width()));
        const int logHeight = size.height() - int(lines.size()) - 1;
        lines += logLines(logHeight);
        lines += plain(m_message.isEmpty() ? help() : m_message);
        m_screen.draw(lines);
    }

    /// What a daemon elsewhere says can be anything.
    static QByteArray plain(const QString &text) { return harmless(text.toUtf8(), Colours::Strip); }

    QString headline() const
    {
        if (!isLive())
            return Cli::tr("not connected, the figures are old: %1").arg(m_reason);
        QStringList parts{statusCounts(m_rows, m_backend.processes().size())};
        if (m_system)
            parts.append(Cli::tr("cpu %1% · memory %2 of %3 · load %4")
                             .arg(QString::number(m_system->cpuUsage, 'f', 0),
                                  sizeText(m_system->memoryTotal - m_system->memoryAvailable),
                                  sizeText(m_system->memoryTotal),
                                  QString::number(m_system->loadOne, 'f', 2)));
        return parts.join(u"  │  "_s);
    }

    /// The rows around the selection, with their head.
    QByteArrayList table(int height, int width)
    {
        m_shownRows = std::max(height - 1, 1);
        m_top = std::clamp<qsizetype>(m_top, m_at - m_shownRows + 1, m_at);
        m_top =
            std::clamp<qsizetype>(m_top, 0, std::max<qsizetype>(m_rows.size() - m_shownRows, 0));
        constexpr int mark = 2;
        QByteArrayList lines =
            renderProcesses(m_rows.mid(m_top, m_shownRows), m_context.output, width - mark, true)
                .split('\n');
        lines.removeLast(); // behind the last end of line
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const bool isSelected = i > 0 && m_top + i - 1 == m_at && selected();
            lines[i] = isSelected ? marked(lines[i]) : "  " + lines[i];
        }
        return lines;
    }

    QByteArray marked(QByteArray line) const
    {
        line.prepend(m_context.output.unicode() ? "› " : "> ");
        if (!m_context.output.colour())
            return line;
        const QByteArray reverse = "\x1b[7m";
        return reverse + line.replace("\x1b[0m", "\x1b[0m\x1b[7m") + "\x1b[0m";
    }

    QString separator(int width) const
    {
        const QString rule(m_context.output.unicode() ? u"─"_s : u"-"_s);
        QString text = rule + rule + u' ';
        if (const ProcessEntry *entry = selected()) {
            text += entry->name;
            if (entry->reason)
                text += u": "_s + *entry->reason;
            text += u' ';
        }
        const QString hidden = hiddenRows(m_top, m_rows.size() - m_top - m_shownRows);
        if (!hidden.isEmpty())
            text += rule + rule + u' ' + hidden + u' ';
        return text + rule.repeated(std::max(width - textWidth(text), 0));
    }

    QByteArrayList logLines(int height) const
    {
        QByteArrayList lines;
        const Colours colours = m_context.output.colour() ? Colours::Keep : Colours::Strip;
        const QList<LogLine> &all = m_log.lines();
        for (const LogLine &line : all.last(std::min<qsizetype>(std::max(height, 0), all.size())))
            lines.append(harmless(line.message.left(bytesRead), colours));
        while (lines.size() < height)
            lines.append(QByteArray());
        return lines;
    }

    QString help() const
    {
        QStringList parts{m_context.output.unicode() ? Cli::tr("↑↓ select")
                                                     : Cli::tr("j k select")};
        for (const ActionKey &each : actionKeys)
            parts.append(each.key + u' ' + Cli::tr(each.name));
        parts.append(Cli::tr("q leave"));
        return parts.join(u" · "_s);
    }

    Context &m_context;
    const ListOptions &m_options;
    Backend &m_backend;
    Screen m_screen{Screen::Keys::Taken};
    QEventLoop m_loop;
    LogTail m_log;
    CpuPast m_past;
    std::optional<SystemMetrics> m_system;
    QList<ProcessRow> m_rows;
    qsizetype m_at = 0;  ///< the selected one of the rows
    qsizetype m_top = 0; ///< the first one that is shown
    int m_shownRows = 1;
    std::optional<ProcessId> m_selected;
    std::optional<ProcessId> m_followed; ///< whose log is shown
    QString m_message;
    QString m_reason;
    QString m_refusal;
    std::optional<ProcessId> m_asksToDelete; ///< not the selection, which may be another by then
};

} // namespace

ExitCode runMonit(Context &context, const ListOptions &options)
{
    if (context.output.width() == 0 || context.output.json() || !canAsk())
        return report(context, {ExitCode::Usage, Cli::tr("monit needs a terminal; programs follow "
                                                         "the events of the WebSocket")});
    std::array<Watch, 2> watches;
    const auto prepare = [&watches](Backend &backend) {
        watches[0] = backend.watchProcessMetrics({}, interval);
        watches[1] = backend.watchSystemMetrics(interval);
    };
    if (const auto connected = context.session.connect(prepare, true); !connected)
        return report(context, connected.error());
    // The screen has to be given back before something is said.
    const QString refusal = Monitor(context, options).run();
    return refusal.isEmpty() ? ExitCode::Ok : report(context, {ExitCode::Permission, refusal});
}

} // namespace pmdaemon

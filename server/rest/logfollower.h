// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "server/http/response.h"

namespace pmdaemon {

/// A line as REST tells it: {timestamp, type, level, message}.
QJsonObject logLineToJson(const LogLine &line);

/// The last lines of a process that a query asks for, and then each one that it writes, as
/// server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a line is a
/// message whose data is logLineToJson(); `gap` {dropped} tells of lines that the client was too
/// slow for. It is over when the process is deleted, and after `error` {code, message}.
class LogFollower : public QObject, public StreamSource
{
public:
    /// The backend outlives this.
    LogFollower(Backend &backend, const ProcessEntry &process, const LogQuery &query);

    void begin(Send send) override;
    QByteArray keepAlive() const override { return ":\n\n"; }
    bool isOver() const override { return m_isOver; }

private:
    static constexpr qsizetype MaxHeldBytes = 1024 * 1024; ///< of live lines while a page is read

    void take(const LogBatch &batch);
    void finishPage(const QList<LogLine> &lines);
    void fail(const Error &error);
    void send(const QList<LogLine> &lines);
    bool matches(const LogLine &line) const;

    Backend &m_backend;
    const ProcessId m_process;
    const QString m_name;
    const LogQuery m_query;
    Send m_send;
    Watch m_watch;
    bool m_hasPage = false;
    QList<LogLine> m_held;
    qsizetype m_heldBytes = 0;
    qint64 m_dropped = 0;
    bool m_isOver = false;
};

} // namespace pmdaemon

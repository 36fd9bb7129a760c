// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/protocol/servermessage.h"

#include <QHash>
#include <QTimer>

#include <functional>

namespace pmdaemon {

/// The questions that wait for their answers. Each is handled exactly once: with the answer, with
/// the error sent instead, with Timeout, or with what failAll() says.
class PendingReplies : public QObject
{
    Q_OBJECT

public:
    /// `data` of the answer.
    using Handler = std::function<void(Result<QJsonObject> data)>;

    using QObject::QObject;
    ~PendingReplies() override;

    /// The id to send with the question. An answer whose type is not `expected` becomes an Error.
    QJsonValue add(QLatin1StringView expected, std::chrono::milliseconds timeout, Handler handler);
    std::size_t size() const { return m_pending.size(); }
    /// An answer to nothing that is asked (any more) is ignored.
    void resolve(const ServerMessage &message);
    void failAll(const Error &error);

private:
    struct Pending
    {
        QLatin1StringView expected;
        std::unique_ptr<QTimer> timer;
        Handler handler;
    };
    void finish(qint64 id, Result<QJsonObject> data);

    std::map<qint64, Pending> m_pending;
    qint64 m_lastId = 0;
};

} // namespace pmdaemon

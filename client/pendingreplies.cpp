// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/pendingreplies.h"

#include <QCoreApplication>

#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

PendingReplies::~PendingReplies()
{
    failAll({ErrorCode::Unreachable,
             QCoreApplication::translate("PendingReplies", "the connection was closed")});
}

QJsonValue PendingReplies::add(QLatin1StringView expected, std::chrono::milliseconds timeout,
                               Handler handler)
{
    const qint64 id = ++m_lastId;
    auto timer = std::make_unique<QTimer>();
    timer->setSingleShot(true);
    connect(timer.get(), &QTimer::timeout, this, [this, id, timeout] {
        const double seconds = std::chrono::duration<double>(timeout).count();
        finish(id, fail(ErrorCode::Timeout, tr("the daemon did not answer within %1 s; what was "
                                               "asked for may still happen")
                                                .arg(seconds)));
    });
    timer->start(timeout);
    m_pending.emplace(id, Pending{expected, std::move(timer), std::move(handler)});
    return id;
}

void PendingReplies::resolve(const ServerMessage &message)
{
    const qint64 id = message.replyTo.toInteger();
    const auto at = m_pending.find(id);
    if (at == m_pending.end())
        return;
    if (message.type == "error"_L1)
        finish(id, tl::unexpected(errorFromJson(message.data)));
    else if (message.type != at->second.expected)
        finish(id, fail(ErrorCode::InvalidMessage,
                        tr("the daemon answered with %1 instead of %2; is it of another version?")
                            .arg(message.type, at->second.expected)));
    else
        finish(id, message.data);
}

void PendingReplies::finish(qint64 id, Result<QJsonObject> data)
{
    auto node = m_pending.extract(id);
    if (node.empty())
        return;
    // It may be the timer's own signal that brought us here.
    node.mapped().timer.release()->deleteLater();
    node.mapped().handler(std::move(data));
}

void PendingReplies::failAll(const Error &error)
{
    // A handler may ask anew: that is not for this loss.
    for (auto &[id, pending] : std::exchange(m_pending, {}))
        pending.handler(tl::unexpected(error));
}

} // namespace pmdaemon

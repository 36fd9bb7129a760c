// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>

#include <chrono>
#include <functional>
#include <optional>

namespace pmdaemon {

/// Close codes of RFC 6455 that this server uses.
enum class CloseCode {
    GoingAway = 1001,
    ProtocolError = 1002,
    PolicyViolation = 1008,
    TooLarge = 1009,
    TryAgainLater = 1013,
};

/// What a server sends: one final, unmasked frame.
QByteArray textFrame(const QByteArray &text);
/// `reason` is cut to the 123 bytes that fit.
QByteArray closeFrame(CloseCode code, const QString &reason);

/// Follows the frames of a client in the raw bytes, beside QWebSocket, which neither tells of
/// control frames nor minds an unmasked or an endless one. Payloads are counted, never looked at.
class FrameTracker
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    /// Copies `length` bytes, at most, from `offset` bytes after the first new one.
    using Read = std::function<QByteArray(qsizetype offset, qsizetype length)>;

    static constexpr qint64 MaxMessage = 1024 * 1024;

    struct Outcome
    {
        std::optional<CloseCode> violation;
        int controlFrames = 0;
        bool closes = false; ///< the client's close frame has begun
    };

    /// `size` new bytes arrived at `now`. Nothing more may be passed after a violation.
    Outcome advance(qsizetype size, const Read &read, TimePoint now);
    /// Since when a frame or a message of several frames is incomplete.
    std::optional<TimePoint> incompleteSince() const { return m_since; }

private:
    bool readHeader(Outcome &outcome);

    QByteArray m_header; ///< the bytes of the current one, until it is whole
    qint64 m_payloadLeft = 0;
    qint64 m_messageSize = 0;
    bool m_inMessage = false;
    std::optional<TimePoint> m_since;
};

} // namespace pmdaemon

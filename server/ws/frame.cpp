// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/ws/frame.h"

#include <QtEndian>

#include <algorithm>

namespace pmdaemon {

namespace {

enum Opcode { Continuation = 0, Text = 1, Close = 8 };

constexpr int Final = 0x80;
constexpr int Masked = 0x80;
constexpr int ControlBit = 0x08;
constexpr int OpcodeMask = 0x0f;
constexpr int LengthMask = 0x7f;
constexpr int Length16 = 126;
constexpr int Length64 = 127;

QByteArray frame(Opcode opcode, const QByteArray &payload)
{
    QByteArray out;
    out.reserve(payload.size() + 10);
    out.append(static_cast<char>(Final | opcode));
    if (payload.size() < Length16) {
        out.append(static_cast<char>(payload.size()));
    } else if (payload.size() <= 0xffff) {
        const quint16 size = qToBigEndian(static_cast<quint16>(payload.size()));
        out.append(static_cast<char>(Length16));
        out.append(reinterpret_cast<const char *>(&size), sizeof size);
    } else {
        const quint64 size = qToBigEndian(static_cast<quint64>(payload.size()));
        out.append(static_cast<char>(Length64));
        out.append(reinterpret_cast<const char *>(&size), sizeof size);
    }
    return out.append(payload);
}

/// Bytes of a client's header, with the mask's key, as far as its second byte tells.
qsizetype headerSize(int second)
{
    const int length = second & LengthMask;
    return 2 + (length == Length16 ? 2 : length == Length64 ? 8 : 0) + 4;
}

qint64 payloadSize(const QByteArray &header)
{
    const int length = header[1] & LengthMask;
    if (length == Length16)
        return qFromBigEndian<quint16>(header.constData() + 2);
    if (length == Length64) {
        const auto size = qFromBigEndian<quint64>(header.constData() + 2);
        return static_cast<qint64>(std::min<quint64>(size, std::numeric_limits<qint64>::max()));
    }
    return length;
}

} // namespace

QByteArray textFrame(const QByteArray &text)
{
    return frame(Text, text);
}

QByteArray closeFrame(CloseCode code, const QString &reason)
{
    constexpr qsizetype limit = 123;
    QByteArray words = reason.toUtf8();
    while (words.size() > limit)
        words = QString::fromUtf8(words).chopped(1).toUtf8();
    const quint16 number = qToBigEndian(static_cast<quint16>(code));
    return frame(Close, QByteArray(reinterpret_cast<const char *>(&number), sizeof number) + words);
}

FrameTracker::Outcome FrameTracker::advance(qsizetype size, const Read &read, TimePoint now)
{
    Outcome outcome;
    for (qsizetype at = 0; at < size && !outcome.violation;) {
        if (!m_since)
            m_since = now;
        if (m_payloadLeft > 0) {
            const qint64 skipped = std::min<qint64>(m_payloadLeft, size - at);
            m_payloadLeft -= skipped;
            at += skipped;
        } else {
            const qsizetype known = m_header.size() < 2 ? 2 : headerSize(m_header[1]);
            const QByteArray more = read(at, std::min(known - m_header.size(), size - at));
            if (more.isEmpty())
                return outcome;
            m_header += more;
            at += more.size();
            if (!readHeader(outcome))
                continue;
        }
        if (m_payloadLeft == 0 && m_header.isEmpty() && !m_inMessage)
            m_since.reset();
    }
    return outcome;
}

/// Takes the header if it is whole.
bool FrameTracker::readHeader(Outcome &outcome)
{
    if (m_header.size() < 2)
        return false;
    const int first = m_header[0];
    if (!(m_header[1] & Masked)) {
        outcome.violation = CloseCode::ProtocolError;
        return false;
    }
    if (m_header.size() < headerSize(m_header[1]))
        return false;
    m_payloadLeft = payloadSize(m_header);
    m_header.clear();
    if (first & ControlBit) {
        ++outcome.controlFrames;
        outcome.closes = outcome.closes || (first & OpcodeMask) == Close;
        return true;
    }
    m_messageSize = (m_inMessage ? m_messageSize : 0) + std::min(m_payloadLeft, MaxMessage + 1);
    m_inMessage = !(first & Final);
    if (m_messageSize > MaxMessage)
        outcome.violation = CloseCode::TooLarge;
    return true;
}

} // namespace pmdaemon

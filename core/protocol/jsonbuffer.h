// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

#include <QByteArray>
#include <QJsonObject>
#include <QStringView>

#include <cstring>

namespace pmdaemon {

/// Writes JSON text straight into bytes. Members and elements each end with a comma, which closing
/// the object or array takes back.
class JsonBuffer
{
public:
    explicit JsonBuffer(qsizetype capacity);

    void raw(const char *text, qsizetype size)
    {
        ensure(size);
        std::memcpy(m_at, text, std::size_t(size));
        m_at += size;
    }
    void raw(QByteArrayView text) { raw(text.data(), text.size()); }
    void raw(char c) { raw(&c, 1); }
    void openObject() { raw('{'); }
    void closeObject() { close('}'); }
    void openArray() { raw('['); }
    void closeArray() { close(']'); }
    void comma() { raw(','); }

    void number(qint64 value);
    /// Rounded to `digits` decimals (1 or 2), a point whatever the locale; 0 for NaN and infinity.
    void decimal(double value, int digits);
    /// Quoted and escaped.
    void text(QStringView value);
    void utf8(QByteArrayView value);
    /// Quoted as it is: of letters, digits, `.`, `_` and `-` alone.
    void word(QLatin1StringView value);
    void time(WallTime value);
    void object(const QJsonObject &value);
    /// A string or a number; anything else is written as null.
    void scalar(const QJsonValue &value);

    qsizetype size() const { return m_at - m_bytes.constData(); }
    void truncate(qsizetype size) { m_at = m_begin + size; }
    /// The text; the buffer is empty then and not to be used any more.
    QByteArray take();

private:
    void ensure(qsizetype size)
    {
        if (m_end - m_at < size)
            grow(size);
    }
    void grow(qsizetype size);
    void close(char end);
    void escaped(uchar c);

    QByteArray m_bytes;
    char *m_begin = nullptr;
    char *m_at = nullptr;
    char *m_end = nullptr;
};

/// `value` times 10^digits as a whole number; 0 for NaN, and held within ±10^15.
qint64 scaledToInt(double value, int digits);
/// `value` as it stands in a message with so many decimals.
double roundedTo(double value, int digits);

} // namespace pmdaemon

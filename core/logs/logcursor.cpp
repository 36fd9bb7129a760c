// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/logcursor.h"

#include <QCoreApplication>
#include <QStringList>

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

QString toString(const LogCursor &cursor)
{
    const LogPosition &position = cursor.position;
    const qint64 time = cursor.time ? cursor.time->time_since_epoch().count() : 0;
    const std::array<quint64, 6> numbers{quint64(position.seq),        position.out.inode,
                                         quint64(position.out.offset), position.err.inode,
                                         quint64(position.err.offset), quint64(time)};
    QStringList words;
    for (const quint64 number : numbers)
        words.append(QString::number(number, 16));
    return words.join(u'-');
}

Result<LogCursor> logCursorFromString(QStringView text)
{
    const QList<QStringView> words = text.split(u'-');
    std::array<quint64, 6> numbers{};
    bool isValid = words.size() == qsizetype(numbers.size());
    for (qsizetype i = 0; isValid && i < words.size(); ++i)
        numbers[std::size_t(i)] = words[i].toULongLong(&isValid, 16);
    for (const std::size_t i : {0, 2, 4, 5})
        isValid = isValid && qint64(numbers[i]) >= 0;
    if (!isValid)
        return fail(ErrorCode::InvalidMessage,
                    QCoreApplication::translate(
                        "LogCursor",
                        "\"before\" must be the cursor of a page of this log. Leave it "
                        "out to get the newest lines."));
    LogCursor cursor;
    cursor.position.seq = qint64(numbers[0]);
    cursor.position.out = {numbers[1], qint64(numbers[2])};
    cursor.position.err = {numbers[3], qint64(numbers[4])};
    if (numbers[5] != 0)
        cursor.time = WallTime{milliseconds{qint64(numbers[5])}};
    return cursor;
}

} // namespace pmdaemon

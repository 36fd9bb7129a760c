// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/error.h"
#include "core/model/nearestname.h"
#include "core/model/processentry.h"
#include "core/protocol/jsonbuffer.h"

#include <QJsonArray>
#include <QJsonValue>
#include <QStringList>

#include <array>
#include <limits>

namespace pmdaemon {

/// What is wrong in a value. `pointer` (RFC 6901) starts at the value that was read: empty = the
/// value itself.
struct ReadProblem
{
    QString pointer;
    QString message;
    ErrorCode code = ErrorCode::InvalidMessage;
};
using ReadResult = std::optional<ReadProblem>;

/// "expected ACCEPTED, got a string".
ReadProblem refused(const QJsonValue &got, QStringView accepted);
/// The same for a word that is none of `words`, with the nearest of them.
ReadProblem refusedWord(const QJsonValue &got, std::span<const QLatin1StringView> words);

/// The value as a whole number of that range, if it is one.
std::optional<qint64> wholeNumber(const QJsonValue &json, qint64 min, qint64 max);
QString wholeNumberWords(qint64 min, qint64 max);

/// How a type stands in JSON: `read` checks type and range and leaves the target alone on a
/// problem, `write` makes a value, `append` writes text.
template <typename T>
struct Codec;

template <typename T, qint64 Min, qint64 Max>
struct Integer
{
    static ReadResult read(const QJsonValue &json, T &to)
    {
        const auto number = wholeNumber(json, Min, Max);
        if (!number)
            return refused(json, wholeNumberWords(Min, Max));
        to = T(*number);
        return {};
    }
    static QJsonValue write(T from) { return qint64(from); }
    static void append(JsonBuffer &out, T from) { out.number(qint64(from)); }
};

template <>
struct Codec<int> : Integer<int, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()>
{};
template <>
struct Codec<qint64>
    : Integer<qint64, std::numeric_limits<qint64>::min(), std::numeric_limits<qint64>::max()>
{};
template <>
struct Codec<ProcessId> : Integer<ProcessId, 0, std::numeric_limits<int>::max()>
{};

/// Milliseconds, never negative, at most a hundred years.
template <>
struct Codec<milliseconds>
{
    static constexpr qint64 Max = 3'155'760'000'000;

    static ReadResult read(const QJsonValue &json, milliseconds &to)
    {
        const auto number = wholeNumber(json, 0, Max);
        if (!number)
            return refused(json, u"a whole number of milliseconds, 0 or more");
        to = milliseconds(*number);
        return {};
    }
    static QJsonValue write(milliseconds from) { return qint64(from.count()); }
    static void append(JsonBuffer &out, milliseconds from) { out.number(from.count()); }
};

template <int Digits>
struct Decimal
{
    static ReadResult read(const QJsonValue &json, double &to)
    {
        if (!json.isDouble())
            return refused(json, u"a number");
        to = json.toDouble();
        return {};
    }
    static QJsonValue write(double from) { return roundedTo(from, Digits); }
    static void append(JsonBuffer &out, double from) { out.decimal(from, Digits); }
};
template <>
struct Codec<double> : Decimal<1>
{};

template <>
struct Codec<bool>
{
    static ReadResult read(const QJsonValue &json, bool &to)
    {
        if (!json.isBool())
            return refused(json, u"true or false");
        to = json.toBool();
        return {};
    }
    static QJsonValue write(bool from) { return from; }
    static void append(JsonBuffer &out, bool from)
    {
        out.raw(from ? QByteArrayView("true") : QByteArrayView("false"));
    }
};

/// A text of Min to Max characters.
template <qsizetype Min, qsizetype Max>
struct Text
{
    static ReadResult read(const QJsonValue &json, QString &to)
    {
        const QString text = json.toString();
        if (!json.isString() || text.size() < Min || text.size() > Max)
            return refused(json, words());
        to = text;
        return {};
    }
    static QString words()
    {
        return Max == std::numeric_limits<qsizetype>::max()
                   ? QStringLiteral("a string")
                   : QStringLiteral("a string of %1 to %2 characters").arg(Min).arg(Max);
    }
    static QJsonValue write(const QString &from) { return from; }
    static void append(JsonBuffer &out, const QString &from) { out.text(from); }
};
template <>
struct Codec<QString> : Text<0, std::numeric_limits<qsizetype>::max()>
{};

/// A text that the struct keeps as UTF-8.
template <>
struct Codec<QByteArray>
{
    static ReadResult read(const QJsonValue &json, QByteArray &to)
    {
        if (!json.isString())
            return refused(json, u"a string");
        to = json.toString().toUtf8();
        return {};
    }
    static QJsonValue write(const QByteArray &from) { return QString::fromUtf8(from); }
    static void append(JsonBuffer &out, const QByteArray &from) { out.utf8(from); }
};

template <>
struct Codec<QJsonObject>
{
    static ReadResult read(const QJsonValue &json, QJsonObject &to)
    {
        if (!json.isObject())
            return refused(json, u"an object");
        to = json.toObject();
        return {};
    }
    static QJsonValue write(const QJsonObject &from) { return from; }
    static void append(JsonBuffer &out, const QJsonObject &from) { out.object(from); }
};

/// RFC 3339 with any offset or whole milliseconds since 1970; written as the former in UTC.
template <>
struct Codec<WallTime>
{
    static ReadResult read(const QJsonValue &json, WallTime &to);
    static QJsonValue write(WallTime from) { return toRfc3339(from); }
    static void append(JsonBuffer &out, WallTime from) { out.time(from); }
};

/// Specialised for each enum that stands in messages as a word: how many values it has from 0 on.
template <typename E>
inline constexpr int enumSize = 0;

template <typename E>
const std::array<QLatin1StringView, enumSize<E>> &enumWords()
{
    static const auto words = [] {
        std::array<QLatin1StringView, enumSize<E>> all;
        for (int i = 0; i < enumSize<E>; ++i)
            all[i] = toString(E(i));
        return all;
    }();
    return words;
}

template <typename E>
requires(enumSize<E> > 0) struct Codec<E>
{
    static ReadResult read(const QJsonValue &json, E &to)
    {
        const auto &words = enumWords<E>();
        const QString text = json.toString();
        for (int i = 0; i < enumSize<E>; ++i) {
            if (text == words[i]) {
                to = E(i);
                return {};
            }
        }
        return refusedWord(json, words);
    }
    static QJsonValue write(E from) { return QString(toString(from)); }
    static void append(JsonBuffer &out, E from) { out.word(toString(from)); }
};

/// null for none; absent counts as null.
template <typename T, typename C = Codec<T>>
struct Nullable
{
    static ReadResult read(const QJsonValue &json, std::optional<T> &to)
    {
        if (json.isNull() || json.isUndefined()) {
            to.reset();
            return {};
        }
        T value{};
        ReadResult problem = C::read(json, value);
        if (!problem)
            to = std::move(value);
        return problem;
    }
    static QJsonValue write(const std::optional<T> &from)
    {
        return from ? C::write(*from) : QJsonValue(QJsonValue::Null);
    }
    static void append(JsonBuffer &out, const std::optional<T> &from)
    {
        if (from)
            C::append(out, *from);
        else
            out.raw("null", 4);
    }
};
template <typename T>
struct Codec<std::optional<T>> : Nullable<T>
{};

/// At most Max elements.
template <typename T, typename C = Codec<T>, qsizetype Max = std::numeric_limits<qsizetype>::max()>
struct ListOf
{
    static ReadResult read(const QJsonValue &json, QList<T> &to)
    {
        const QJsonArray array = json.toArray();
        if (!json.isArray() || array.size() > Max)
            return refused(json, words());
        QList<T> list;
        list.reserve(array.size());
        for (qsizetype i = 0; i < array.size(); ++i) {
            T value{};
            if (ReadResult problem = C::read(array.at(i), value)) {
                problem->pointer.prepend(u'/' + QString::number(i));
                return problem;
            }
            list.append(std::move(value));
        }
        to = std::move(list);
        return {};
    }
    static QString words()
    {
        return Max == std::numeric_limits<qsizetype>::max()
                   ? QStringLiteral("a list")
                   : QStringLiteral("a list of at most %1 elements").arg(Max);
    }
    static QJsonValue write(const QList<T> &from)
    {
        QJsonArray array;
        for (const T &value : from)
            array.append(C::write(value));
        return array;
    }
    static void append(JsonBuffer &out, const QList<T> &from)
    {
        out.openArray();
        for (const T &value : from) {
            C::append(out, value);
            out.comma();
        }
        out.closeArray();
    }
};
template <typename T>
struct Codec<QList<T>> : ListOf<T>
{};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/protocol/jsoncodec.h"

#include <QJsonObject>

#include <tuple>

namespace pmdaemon {

// A struct's shape on the wire is a tuple of fields, each of which names its key once. The tuple
// reads from and writes to QJsonObject and writes text directly:
//
//     template <> struct FieldsOf<Row> {
//         static constexpr std::tuple fields{Field<"id", &Row::id>{}, Field<"pid", &Row::pid>{}};
//     };

/// A key as a template argument.
template <std::size_t N>
struct KeyText
{
    char text[N]{};
    consteval KeyText(const char (&key)[N])
    {
        for (std::size_t i = 0; i < N; ++i)
            text[i] = key[i];
    }
};

/// The key with its quotes and colon, ready to be copied.
template <KeyText Key>
inline constexpr auto keyPiece = [] {
    constexpr std::size_t length = sizeof(Key.text) - 1;
    std::array<char, length + 3> piece{};
    piece.front() = '"';
    for (std::size_t i = 0; i < length; ++i)
        piece[i + 1] = Key.text[i];
    piece[length + 1] = '"';
    piece[length + 2] = ':';
    return piece;
}();

template <KeyText Key>
struct Keyed
{
    static constexpr QLatin1StringView key() { return {Key.text, sizeof(Key.text) - 1}; }
    static void appendKey(JsonBuffer &out)
    {
        out.raw(keyPiece<Key>.data(), qsizetype(keyPiece<Key>.size()));
    }
    static ReadProblem at(ReadProblem problem)
    {
        problem.pointer.prepend(u'/' + QString(key()));
        return problem;
    }
};

template <typename T>
struct MemberPointer;
template <typename S, typename M>
struct MemberPointer<M S::*>
{
    using Struct = S;
    using Member = M;
};
template <auto Member>
using MemberOf = typename MemberPointer<decltype(Member)>::Member;
template <auto Member>
using StructOf = typename MemberPointer<decltype(Member)>::Struct;

/// Required fields must be there. Optional ones may be absent or null, which leaves the member as
/// it is, and are not written while the member has its default.
enum class Need { Required, Optional };

template <KeyText Key, auto Member, Need N = Need::Required, typename C = Codec<MemberOf<Member>>>
struct Field : Keyed<Key>
{
    using Struct = StructOf<Member>;

    static bool isLeftOut(const Struct &from)
    {
        return N == Need::Optional && from.*Member == Struct{}.*Member;
    }
    static ReadResult read(const QJsonObject &json, Struct &to)
    {
        const QJsonValue value = json.value(Field::key());
        if (N == Need::Optional && (value.isUndefined() || value.isNull()))
            return {};
        ReadResult problem = C::read(value, to.*Member);
        return problem ? Field::at(std::move(*problem)) : problem;
    }
    static void write(QJsonObject &json, const Struct &from)
    {
        if (!isLeftOut(from))
            json.insert(Field::key(), C::write(from.*Member));
    }
    static void append(JsonBuffer &out, const Struct &from)
    {
        if (isLeftOut(from))
            return;
        Field::appendKey(out);
        C::append(out, from.*Member);
        out.comma();
    }
};

/// An optional field with a codec of its own.
template <KeyText Key, auto Member, typename C = Codec<MemberOf<Member>>>
using OptionalField = Field<Key, Member, Need::Optional, C>;
template <KeyText Key, auto Member, typename C>
using CodedField = Field<Key, Member, Need::Required, C>;

template <typename S, typename... Fields>
ReadResult readFields(const QJsonObject &json, S &to, const std::tuple<Fields...> &)
{
    ReadResult problem;
    static_cast<void>(((problem = Fields::read(json, to), !problem) && ...));
    return problem;
}

template <typename S, typename... Fields>
void writeFields(QJsonObject &json, const S &from, const std::tuple<Fields...> &)
{
    (Fields::write(json, from), ...);
}

template <typename S, typename... Fields>
void appendFields(JsonBuffer &out, const S &from, const std::tuple<Fields...> &)
{
    (Fields::append(out, from), ...);
}

/// What follows from other members: written, never read.
template <KeyText Key, auto Function, typename C>
struct Computed : Keyed<Key>
{
    template <typename S>
    static ReadResult read(const QJsonObject &, S &)
    {
        return {};
    }
    template <typename S>
    static void write(QJsonObject &json, const S &from)
    {
        json.insert(Computed::key(), C::write(Function(from)));
    }
    template <typename S>
    static void append(JsonBuffer &out, const S &from)
    {
        Computed::appendKey(out);
        C::append(out, Function(from));
        out.comma();
    }
};

/// Fields of the same struct that lie together in an object of their own.
template <KeyText Key, typename... Fields>
struct Group : Keyed<Key>
{
    static constexpr std::tuple<Fields...> fields{};

    template <typename S>
    static ReadResult read(const QJsonObject &json, S &to)
    {
        const QJsonValue value = json.value(Group::key());
        if (!value.isObject())
            return Group::at(refused(value, u"an object"));
        ReadResult problem = readFields(value.toObject(), to, fields);
        return problem ? Group::at(std::move(*problem)) : problem;
    }
    template <typename S>
    static void write(QJsonObject &json, const S &from)
    {
        QJsonObject group;
        writeFields(group, from, fields);
        json.insert(Group::key(), group);
    }
    template <typename S>
    static void append(JsonBuffer &out, const S &from)
    {
        Group::appendKey(out);
        out.openObject();
        appendFields(out, from, fields);
        out.closeObject();
        out.comma();
    }
};

/// The fields of a member, among those of the struct that holds it.
template <auto Member, const auto &Fields>
struct Inline
{
    using Struct = StructOf<Member>;

    static ReadResult read(const QJsonObject &json, Struct &to)
    {
        return readFields(json, to.*Member, Fields);
    }
    static void write(QJsonObject &json, const Struct &from)
    {
        writeFields(json, from.*Member, Fields);
    }
    static void append(JsonBuffer &out, const Struct &from)
    {
        appendFields(out, from.*Member, Fields);
    }
};

/// Specialised for each struct that is a JSON object of its own.
template <typename T>
struct FieldsOf;

template <typename T>
concept HasFields = requires
{
    FieldsOf<T>::fields;
};

template <HasFields T>
struct Codec<T>
{
    static ReadResult read(const QJsonValue &json, T &to)
    {
        if (!json.isObject())
            return refused(json, u"an object");
        return readFields(json.toObject(), to, FieldsOf<T>::fields);
    }
    static QJsonValue write(const T &from)
    {
        QJsonObject json;
        writeFields(json, from, FieldsOf<T>::fields);
        return json;
    }
    static void append(JsonBuffer &out, const T &from)
    {
        out.openObject();
        appendFields(out, from, FieldsOf<T>::fields);
        out.closeObject();
    }
};

} // namespace pmdaemon

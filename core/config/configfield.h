// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/specfields.h"
#include "core/model/nearestname.h"

#include <QVarLengthArray>

#include <algorithm>

/// \file How a field table is made and applied; shared by the tables of an app and of its
/// health check.

namespace pmdaemon {

template <typename T>
struct ConfigMember;
template <typename S, typename M>
struct ConfigMember<M S::*>
{
    using Struct = S;
};

/// "expected ACCEPTED, got VALUE".
QString notAccepted(const QJsonValue &value, QLatin1StringView accepted);
/// The problem with a key that is none of `known`.
SpecProblem unknownKey(const QString &key, std::span<const QLatin1StringView> known);

/// The field of one member that holds values of one kind (specvalues.h); left out when written
/// while it has its default.
template <auto Member, typename Kind>
ConfigField<typename ConfigMember<decltype(Member)>::Struct> makeField(QLatin1StringView key,
                                                                       const char *description)
{
    using Struct = typename ConfigMember<decltype(Member)>::Struct;
    const auto read = [](const QJsonValue &value, Struct &spec) -> std::optional<QString> {
        const auto parsed = Kind::parse(value);
        if (!parsed)
            return notAccepted(value, Kind::accepted);
        spec.*Member = *parsed;
        return std::nullopt;
    };
    const auto write = [](const Struct &spec) -> QJsonValue {
        if (spec.*Member == Struct{}.*Member)
            return QJsonValue::Undefined;
        if constexpr (requires { *(spec.*Member); })
            return Kind::write(*(spec.*Member));
        else
            return Kind::write(spec.*Member);
    };
    return {key, Kind::accepted, description, Kind::schema(), read, write, nullptr, false,
            requires {Kind::holdsPaths;
}
}; // namespace pmdaemon
}

/// Another key for the same member: read, never written.
template <typename Spec>
ConfigField<Spec> alias(QLatin1StringView key, ConfigField<Spec> field)
{
    field.key = key;
    field.isAlias = true;
    field.write = [](const Spec &) { return QJsonValue(QJsonValue::Undefined); };
    return field;
}

/// Reads every key of `object` and finds all problems. null counts as absent. The order is that of
/// the table.
template <typename Spec>
QList<SpecProblem> readTable(const QJsonObject &object, Spec &spec,
                             std::span<const ConfigField<Spec>> table)
{
    QList<SpecProblem> problems;
    QVarLengthArray<QLatin1StringView, 96> keys;
    qsizetype known = 0;
    for (const ConfigField<Spec> &field : table) {
        keys.append(field.key);
        const QJsonValue value = object.value(field.key);
        if (value.isUndefined())
            continue;
        ++known;
        if (value.isNull())
            continue;
        const auto message = field.read(value, spec);
        if (!message)
            continue;
        if (!field.problems) {
            problems.append({u'/' + QString(field.key), field.key, *message});
            continue;
        }
        for (SpecProblem problem : field.problems(value)) {
            problem.pointer.prepend(u'/' + QString(field.key));
            problem.key.prepend(QString(field.key));
            problems.append(std::move(problem));
        }
    }
    if (known == object.size())
        return problems;
    const QStringList all = object.keys();
    for (const QString &key : all) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            problems.append(unknownKey(key, {keys.data(), std::size_t(keys.size())}));
    }
    return problems;
}

template <typename Spec>
QJsonObject writeTable(const Spec &spec, std::span<const ConfigField<Spec>> table)
{
    QJsonObject object;
    for (const ConfigField<Spec> &field : table) {
        const QJsonValue value = field.write(spec);
        if (!value.isUndefined())
            object.insert(field.key, value);
    }
    return object;
}

} // namespace pmdaemon

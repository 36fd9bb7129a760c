// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/specoptions.h"

#include "app/cli/clitext.h"

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Given in another way: the first argument, those after it, and what only a file's apps have.
constexpr std::array otherwiseGiven = {"script"_L1, "args"_L1, "config_file"_L1, "config_env"_L1};

struct Alias
{
    QLatin1StringView key;
    QLatin1StringView flag;
};
constexpr std::array aliases = {Alias{"max_memory_restart"_L1, "--max-memory"_L1},
                                Alias{"listen_timeout"_L1, "--wait-timeout"_L1}};

bool hasType(const SpecField &field, QLatin1StringView type)
{
    const QJsonValue types = field.schema["type"_L1];
    if (types.isArray())
        return types.toArray().contains(type);
    bool any = types.toString() == type;
    for (const auto key : {"anyOf"_L1, "oneOf"_L1}) {
        for (const QJsonValue &choice : field.schema[key].toArray())
            any = any || choice["type"_L1].toString() == type;
    }
    return any;
}

QString flagOf(QLatin1StringView key)
{
    return "--"_L1 + QString(key).replace(u'_', u'-');
}

std::optional<QJsonObject> pairsFrom(const QStringList &texts)
{
    QJsonObject object;
    for (const QString &text : texts) {
        const qsizetype at = text.indexOf(u'=');
        if (at < 1)
            return {};
        object.insert(text.left(at), text.mid(at + 1));
    }
    return object;
}

/// What the texts may stand for, in the order in which it is tried.
QList<QJsonValue> candidates(const SpecField &field, const QStringList &texts)
{
    if (hasType(field, "object"_L1)) {
        const auto object = pairsFrom(texts);
        return object ? QList<QJsonValue>{*object} : QList<QJsonValue>{};
    }
    QList<QJsonValue> values;
    if (hasType(field, "array"_L1))
        values.append(QJsonArray::fromStringList(texts));
    if (texts.size() == 1) {
        bool isNumber = false;
        const qint64 number = texts.constFirst().toLongLong(&isNumber);
        if (isNumber)
            values.append(number);
        values.append(texts.constFirst());
    }
    return values;
}

} // namespace

QList<SpecOption> specOptions()
{
    QList<SpecOption> options;
    for (const SpecField &field : specFields()) {
        const bool isWholeObject = hasType(field, "object"_L1) && field.key != "env"_L1;
        if (isWholeObject || std::find(otherwiseGiven.begin(), otherwiseGiven.end(), field.key) !=
                                 otherwiseGiven.end())
            continue;
        SpecOption option{.field = &field, .flags = flagOf(field.key)};
        option.isSwitch = hasType(field, "boolean"_L1);
        option.isRepeated = hasType(field, "array"_L1) || hasType(field, "object"_L1);
        if (option.isSwitch && !field.key.startsWith("no_"_L1))
            option.flags += ",!--no-"_L1 + option.flags.mid(2);
        for (const Alias &alias : aliases) {
            if (alias.key == field.key)
                option.flags += u',' + alias.flag;
        }
        options.append(option);
    }
    return options;
}

tl::expected<QJsonValue, QString> specValue(const SpecField &field, const QStringList &texts)
{
    if (hasType(field, "boolean"_L1))
        return QJsonValue(texts.contains("true"_L1));
    std::optional<QString> problem;
    for (const QJsonValue &value : candidates(field, texts)) {
        ProcessSpec scratch;
        problem = field.read(value, scratch);
        if (!problem)
            return value;
    }
    return tl::unexpected(problem.value_or(Cli::tr("expected is %1").arg(field.accepted)));
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/commandwords.h"
#include "core/config/configfield.h"
#include "core/config/specvalues.h"
#include "core/config/strictjson.h"

#include <QFileInfo>
#include <QRegularExpression>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto redactedText = "<redacted>"_L1;

/// "server" for "/srv/server.js" and for "server.js --fast".
QString stemOf(const QString &script)
{
    const QString program = commandWords(script).value(0);
    return QFileInfo(program).completeBaseName();
}

void settleName(ProcessSpec &spec, const QString &defaultName, QList<SpecProblem> &problems)
{
    if (!spec.name.isEmpty())
        return;
    const QString name = defaultName.isEmpty() ? stemOf(spec.script) : defaultName;
    if (isValidName(name))
        spec.name = name;
    else
        problems.append({u"/name"_s, u"name"_s,
                         u"missing, and %1 cannot be it; give one of %2"_s.arg(
                             quoted(name), NameValue::accepted)});
}

/// What no single field can tell.
void checkWhole(const ProcessSpec &spec, QList<SpecProblem> &problems)
{
    const QString lastSuffix = u"-%1"_s.arg(spec.instances - 1);
    if (spec.instances > 1 && spec.name.size() + lastSuffix.size() > 64) {
        problems.append({u"/name"_s, u"name"_s,
                         u"too long for %1 instances, which are called \"NAME%2\": at most 64 "
                         u"characters with that"_s.arg(spec.instances)
                             .arg(lastSuffix)});
    }
    if (spec.port) {
        if (const std::optional<QString> problem = portProblem(*spec.port, spec.instances))
            problems.append({u"/port"_s, u"port"_s, *problem});
    }
}

/// The arguments without values that a name before them calls secret.
QJsonArray redactedArguments(const QJsonArray &arguments)
{
    static const QRegularExpression secret(
        u"^-.*(token|secret|passw|passphrase|api-?key|private-?key|credential|auth)"_s,
        QRegularExpression::CaseInsensitiveOption);
    QJsonArray shown;
    bool nextIsSecret = false;
    for (const QJsonValue value : arguments) {
        const QString text = value.toString();
        const qsizetype equals = text.indexOf(u'=');
        const bool isSecret =
            secret.match(text.first(equals < 0 ? text.size() : equals)).hasMatch();
        if (isSecret && equals >= 0)
            shown.append(QString(text.first(equals + 1) + redactedText));
        else if (nextIsSecret && !text.startsWith(u'-'))
            shown.append(QString(redactedText));
        else
            shown.append(value);
        nextIsSecret = isSecret && equals < 0;
    }
    return shown;
}

QJsonObject redactedValues(QJsonObject object)
{
    for (auto it = object.begin(); it != object.end(); ++it)
        it.value() = QString(redactedText);
    return object;
}

} // namespace

QString notAccepted(const QJsonValue &value, QLatin1StringView accepted)
{
    QString got = u"nothing"_s;
    switch (value.type()) {
    case QJsonValue::Null:
        got = u"null"_s;
        break;
    case QJsonValue::Bool:
        got = value.toBool() ? u"true"_s : u"false"_s;
        break;
    case QJsonValue::Double:
        got = QString::number(value.toDouble(), 'g', 12);
        break;
    case QJsonValue::String:
        got = quoted(value.toString());
        break;
    case QJsonValue::Array:
        got = u"a list"_s;
        break;
    case QJsonValue::Object:
        got = u"an object"_s;
        break;
    case QJsonValue::Undefined:
        break;
    }
    return u"expected %1, got %2"_s.arg(accepted, got);
}

std::optional<QString> portProblem(const PortSpec &spec, int instances)
{
    const int ports = spec.last - spec.first + 1;
    if (instances <= ports)
        return std::nullopt;
    return u"%1 for %2 instances, which need one each; use a range such as \"%3-%4\""_s
        .arg(ports == 1 ? u"one port"_s : u"a range of %1"_s.arg(ports))
        .arg(instances)
        .arg(spec.first)
        .arg(spec.first + instances - 1);
}

SpecProblem unknownKey(const QString &key, std::span<const QLatin1StringView> known)
{
    return {pointerTo({}, key), key, u"unknown key"_s + didYouMean(key, known), true};
}

tl::expected<ProcessSpec, QList<SpecProblem>> specFromJson(const QJsonObject &object,
                                                           const QString &defaultName)
{
    ProcessSpec spec;
    QList<SpecProblem> problems = readTable(object, spec, specFields());
    const auto isGiven = [&object](QLatin1StringView key) {
        const QJsonValue value = object.value(key);
        return !value.isUndefined() && !value.isNull();
    };
    if (!isGiven("script"_L1))
        problems.append({u"/script"_s, u"script"_s,
                         u"missing; an app needs the path, program or command line to run"_s});
    else if (!isGiven("name"_L1) && !spec.script.isEmpty())
        settleName(spec, defaultName, problems);
    checkWhole(spec, problems);
    if (!problems.isEmpty())
        return tl::unexpected(problems);
    return spec;
}

QJsonObject specToJson(const ProcessSpec &spec)
{
    return writeTable(spec, specFields());
}

QJsonObject redacted(QJsonObject specJson)
{
    for (const auto key : {"args"_L1, "interpreter_args"_L1}) {
        if (specJson.contains(key))
            specJson[key] = redactedArguments(specJson[key].toArray());
    }
    if (specJson.contains("env"_L1))
        specJson["env"_L1] = redactedValues(specJson["env"_L1].toObject());
    for (const QLatin1StringView key :
         {"health_check"_L1, "startup"_L1, "readiness"_L1, "liveness"_L1}) {
        QJsonObject check = specJson.value(key).toObject();
        if (check.contains("headers"_L1)) {
            check["headers"_L1] = redactedValues(check["headers"_L1].toObject());
            specJson[key] = check;
        }
    }
    return specJson;
}

Error specError(const QList<SpecProblem> &problems)
{
    QStringList texts;
    QJsonArray list;
    for (const SpecProblem &problem : problems) {
        texts.append(problem.key + u": "_s + problem.message);
        list.append(QJsonObject{{u"pointer"_s, problem.pointer},
                                {u"key"_s, problem.key},
                                {u"message"_s, problem.message}});
    }
    return {ErrorCode::InvalidConfig, texts.join(u'\n'), {{u"problems"_s, list}}};
}

} // namespace pmdaemon

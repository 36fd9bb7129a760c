// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/healthcheckfields.h"

#include "core/config/configfield.h"
#include "core/config/specvalues.h"
#include "core/model/processevent.h"

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString wholeMessage(const QList<SpecProblem> &problems)
{
    QStringList texts;
    for (const SpecProblem &problem : problems)
        texts.append(problem.pointer.isEmpty() ? problem.message
                                               : problem.key.sliced(1) + u": "_s + problem.message);
    return texts.join("; "_L1);
}

/// What a kind of check is told by, and so what it needs.
struct Sign
{
    QLatin1StringView key;
    CheckType type;
    bool needed;
};
constexpr std::array<Sign, 3> signsOfType{{
    {"url"_L1, CheckType::Http, true},
    {"port"_L1, CheckType::Tcp, false},
    {"script"_L1, CheckType::Script, true},
}};

/// Sets the type that the given keys tell where `check_type` does not, and finds contradictions.
QList<SpecProblem> settleType(const QJsonObject &object, HealthCheckSpec &check)
{
    QList<SpecProblem> problems;
    bool typeKnown = object.value("check_type"_L1).isString();
    for (const Sign &sign : signsOfType) {
        const QJsonValue value = object.value(sign.key);
        const bool given = !value.isUndefined() && !value.isNull();
        const QString pointer = u'/' + QString(sign.key);
        if (given && !typeKnown) {
            check.type = sign.type;
            typeKnown = true;
        } else if (given && sign.type != check.type) {
            problems.append({pointer, u'.' + QString(sign.key),
                             u"does not belong to a check of type \"%1\"; leave it out"_s.arg(
                                 toString(check.type))});
        } else if (!given && typeKnown && sign.needed && sign.type == check.type) {
            problems.append(
                {pointer, u'.' + QString(sign.key),
                 u"missing; a check of type \"%1\" needs it"_s.arg(toString(check.type))});
        }
    }
    if (!typeKnown) {
        problems.append({{},
                         {},
                         u"expected \"url\", \"port\" or \"script\", or \"check_type\": "
                         u"\"tcp\" for the app's own port"_s});
    }
    return problems;
}

/// A check that an app may have, under a key of its own.
template <auto Member>
SpecField checkField(QLatin1StringView key, const char *description)
{
    return {key,
            HealthCheckValue::accepted,
            description,
            HealthCheckValue::schema(),
            [](const QJsonValue &value, ProcessSpec &spec) -> std::optional<QString> {
                const auto check = HealthCheckValue::parse(value);
                if (!check)
                    return wholeMessage(check.error());
                spec.*Member = *check;
                return std::nullopt;
            },
            [](const ProcessSpec &spec) -> QJsonValue {
                return spec.*Member ? QJsonValue(HealthCheckValue::write(*(spec.*Member)))
                                    : QJsonValue(QJsonValue::Undefined);
            },
            [](const QJsonValue &value) {
                const auto check = HealthCheckValue::parse(value);
                return check ? QList<SpecProblem>() : check.error();
            }};
}

} // namespace

std::span<const ConfigField<HealthCheckSpec>> healthCheckFields()
{
    using H = HealthCheckSpec;
    static const std::array fields{
        makeField<&H::enabled, BoolValue>("enabled"_L1,
                                          QT_TRANSLATE_NOOP("SpecField", "Whether the check runs")),
        makeField<&H::type, CheckTypeValue>(
            "check_type"_L1,
            QT_TRANSLATE_NOOP("SpecField",
                              "How to check: an HTTP request, a connection or a command")),
        makeField<&H::url, UrlValue>(
            "url"_L1,
            QT_TRANSLATE_NOOP("SpecField", "http: where to ask; {port} is the instance's port")),
        makeField<&H::host, TextValue>(
            "host"_L1,
            QT_TRANSLATE_NOOP("SpecField", "tcp: the address to connect to (127.0.0.1)")),
        makeField<&H::port, PortValue>(
            "port"_L1,
            QT_TRANSLATE_NOOP("SpecField", "tcp: the port to connect to (the instance's)")),
        makeField<&H::script, TextValue>(
            "script"_L1,
            QT_TRANSLATE_NOOP("SpecField", "script: a command line, healthy when it exits with 0")),
        makeField<&H::interval, PeriodValue>("interval"_L1,
                                             QT_TRANSLATE_NOOP("SpecField", "Between two checks")),
        makeField<&H::timeout, PeriodValue>(
            "timeout"_L1, QT_TRANSLATE_NOOP("SpecField", "How long a check may take")),
        makeField<&H::retries, CountValue>(
            "retries"_L1, QT_TRANSLATE_NOOP("SpecField", "Failures in a row until unhealthy")),
        makeField<&H::startPeriod, DurationValue>(
            "start_period"_L1,
            QT_TRANSLATE_NOOP("SpecField", "How long after a start failures don't count")),
        makeField<&H::successThreshold, CountValue>(
            "success_threshold"_L1,
            QT_TRANSLATE_NOOP("SpecField", "Successes in a row until healthy again")),
        makeField<&H::headers, HeadersValue>(
            "headers"_L1, QT_TRANSLATE_NOOP("SpecField", "http: headers of the request")),
        makeField<&H::expectedStatus, StatusCodesValue>(
            "expected_status"_L1,
            QT_TRANSLATE_NOOP("SpecField", "http: what counts as healthy (any 2xx)")),
        makeField<&H::expectedBody, TextValue>(
            "expected_body"_L1,
            QT_TRANSLATE_NOOP("SpecField", "http: a text that the body must contain")),
        makeField<&H::onUnhealthy, OnUnhealthyValue>(
            "on_unhealthy"_L1,
            QT_TRANSLATE_NOOP("SpecField", "What to do when it becomes unhealthy")),
    };
    return fields;
}

QJsonObject HealthCheckValue::schema()
{
    QJsonObject properties;
    for (const auto &field : healthCheckFields())
        properties.insert(field.key, field.schema);
    return {{u"type"_s, u"object"_s},
            {u"properties"_s, properties},
            {u"additionalProperties"_s, false}};
}

tl::expected<HealthCheckSpec, QList<SpecProblem>> HealthCheckValue::parse(const QJsonValue &value)
{
    if (!value.isObject())
        return tl::unexpected(QList<SpecProblem>{{{}, {}, notAccepted(value, accepted)}});
    const QJsonObject object = value.toObject();
    HealthCheckSpec check;
    QList<SpecProblem> problems = readTable(object, check, healthCheckFields());
    for (SpecProblem &problem : problems)
        problem.key.prepend(u'.');
    if (problems.isEmpty())
        problems = settleType(object, check);
    if (!problems.isEmpty())
        return tl::unexpected(problems);
    return check;
}

QJsonObject HealthCheckValue::write(const HealthCheckSpec &check)
{
    QJsonObject object = writeTable(check, healthCheckFields());
    object.insert("check_type"_L1, QString(toString(check.type)));
    return object;
}

std::vector<SpecField> healthCheckFieldsOfApp()
{
    using S = ProcessSpec;
    return {
        checkField<&S::healthCheck>(
            "health_check"_L1, QT_TRANSLATE_NOOP("SpecField", "How to find out whether it works")),
        checkField<&S::startup>(
            "startup"_L1,
            QT_TRANSLATE_NOOP("SpecField",
                              "How to find out that it is up; the others wait for it")),
        checkField<&S::readiness>(
            "readiness"_L1,
            QT_TRANSLATE_NOOP("SpecField",
                              "How to find out whether it can serve; never restarts it")),
        checkField<&S::liveness>(
            "liveness"_L1,
            QT_TRANSLATE_NOOP("SpecField", "How to find out whether it hangs; restarts it")),
    };
}

} // namespace pmdaemon

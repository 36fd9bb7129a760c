// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/model/result.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <span>

namespace pmdaemon {

/// One thing wrong in a configuration. `pointer` is a JSON pointer (RFC 6901) to the value.
struct SpecProblem
{
    QString pointer;
    QString key;
    QString message;
    bool isUnknownKey = false;

    bool operator==(const SpecProblem &) const = default;
};

/// One configuration key: what it is called, what it accepts and means, how it gets into a
/// ProcessSpec and out again. The table of these drives parsing, validation, the JSON Schema, the
/// command line's options and forms.
template <typename Spec>
struct ConfigField
{
    QLatin1StringView key;
    QLatin1StringView accepted; ///< "a whole number of 1 or more", for messages
    const char *description;    ///< for people, in the translation context "SpecField"
    QJsonObject schema;         ///< JSON Schema of the value
    /// The text of what is wrong, or nothing. A value of a wrong type or range changes nothing.
    std::optional<QString> (*read)(const QJsonValue &value, Spec &spec);
    QJsonValue (*write)(const Spec &spec); ///< undefined = leave out, it is the default
    /// For a value with keys of its own: everything that is wrong in it, pointers from it on.
    QList<SpecProblem> (*problems)(const QJsonValue &value) = nullptr;
    bool isAlias = false;    ///< another key for what a field of this table has already
    bool holdsPaths = false; ///< its texts, or those in its list, are paths
};
using SpecField = ConfigField<ProcessSpec>;

/// In the order of docs/configuration.md.
std::span<const SpecField> specFields();
const SpecField *specField(QStringView key);

/// The keys of `health_check`.
std::span<const ConfigField<HealthCheckSpec>> healthCheckFields();

/// All problems are found, not the first one alone. Unknown keys are problems that name the nearest
/// known key. Without `name` the app gets `defaultName`, or if that is empty the script's stem.
tl::expected<ProcessSpec, QList<SpecProblem>> specFromJson(const QJsonObject &object,
                                                           const QString &defaultName = {});
/// Only what differs from the default, plus name and script.
QJsonObject specToJson(const ProcessSpec &spec);
/// The same with "<redacted>" for what may be secret: the values of `env` and of a health check's
/// `headers`, and of arguments whose name says so (`--token=…`, `--password …`).
QJsonObject redacted(QJsonObject specJson);

/// What is wrong with giving `spec` to so many instances, or nothing: each needs a port of its own.
std::optional<QString> portProblem(const PortSpec &spec, int instances);

/// InvalidConfig, naming each problem's key; `details` {problems: [{pointer, key, message}]}.
Error specError(const QList<SpecProblem> &problems);

} // namespace pmdaemon

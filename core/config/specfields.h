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

/// One configuration key: what it is called, what it accepts and means, how it gets into a
/// ProcessSpec and out again. The table of these drives parsing, validation, the JSON Schema, the
/// command line's options and forms.
struct SpecField
{
    QLatin1StringView key;
    QLatin1StringView accepted; ///< "an integer of 1 or more", for messages
    const char *description;    ///< for people, in the translation context "SpecField"
    QJsonObject schema;         ///< JSON Schema of the value
    /// The text of what is wrong, or nothing. A value of a wrong type or range changes nothing.
    std::optional<QString> (*read)(const QJsonValue &value, ProcessSpec &spec);
    QJsonValue (*write)(const ProcessSpec &spec); ///< undefined = leave out, it is the default
};

/// In the order of docs/configuration.md.
std::span<const SpecField> specFields();
const SpecField *specField(QStringView key);

/// One thing wrong in a configuration. `pointer` is a JSON pointer (RFC 6901) to the value.
struct SpecProblem
{
    QString pointer;
    QString key;
    QString message;

    bool operator==(const SpecProblem &) const = default;
};

/// All problems are found, not the first one alone. Unknown keys are problems that name the nearest
/// known key. `defaultName` is used where neither `name` nor a script's stem gives one.
tl::expected<ProcessSpec, QList<SpecProblem>> specFromJson(const QJsonObject &object,
                                                           const QString &defaultName = {});
/// Only what differs from the default, plus name and script.
QJsonObject specToJson(const ProcessSpec &spec);
/// The same with each environment value replaced by "<redacted>".
QJsonObject redacted(QJsonObject specJson);

/// InvalidConfig, naming each problem's key; `details` {problems: [{pointer, key, message}]}.
Error specError(const QList<SpecProblem> &problems);

} // namespace pmdaemon

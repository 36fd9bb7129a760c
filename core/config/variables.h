// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QJsonValue>
#include <QString>

#include <functional>
#include <optional>
#include <tl/expected.hpp>

namespace pmdaemon {

/// What a variable holds; nothing where it is not set.
using VariableLookup = std::function<std::optional<QString>(const QString &name)>;

/// Replaces `${NAME}` by what it holds, `${NAME:-TEXT}` by TEXT where that is nothing or empty, and
/// `$$` by `$`; any other `$` stays. Or what is wrong, for people.
tl::expected<QString, QString> withVariables(QStringView text, const VariableLookup &lookup);

/// What withVariables() makes `text` of again, whatever is set.
QString withoutVariables(QString text);
/// The same for all texts within; the names of members stay.
QJsonValue withoutVariables(const QJsonValue &value);

} // namespace pmdaemon

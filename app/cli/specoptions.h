// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/specfields.h"

#include <QStringList>

namespace pmdaemon {

/// A configuration key as an option of `start`.
struct SpecOption
{
    const SpecField *field = nullptr;
    QString flags;           ///< "--max-memory-restart,--max-memory"
    bool isSwitch = false;   ///< without a value; the flags hold a negative form too
    bool isRepeated = false; ///< may be given several times
};

/// All keys but those that a command line has another place for, and whole objects other than `env`
/// (their flat forms are keys of their own).
QList<SpecOption> specOptions();

/// The value that the field accepts for what stood on the command line; "true" or "false" for a
/// switch. The text of what is wrong where it accepts none.
tl::expected<QJsonValue, QString> specValue(const SpecField &field, const QStringList &texts);

} // namespace pmdaemon

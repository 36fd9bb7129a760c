// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QStringList>

namespace pmdaemon {

/// Which processes somebody cares for. A name stands for the entry or for all instances of the app
/// of that name, whether they exist yet or not.
struct ProcessFilter
{
    std::optional<QStringList> names; ///< none = all; an empty list = no one
    QStringList nameSpaces;           ///< empty = every one

    bool operator==(const ProcessFilter &) const = default;
    bool matches(const ProcessEntry &entry) const;
};

size_t qHash(const ProcessFilter &filter, size_t seed = 0);

} // namespace pmdaemon

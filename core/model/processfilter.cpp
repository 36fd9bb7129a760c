// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/processfilter.h"

#include <QHash>

namespace pmdaemon {

bool ProcessFilter::matches(const ProcessEntry &entry) const
{
    const bool named = !names || names->contains(entry.name) || names->contains(entry.app);
    return named && (nameSpaces.isEmpty() || nameSpaces.contains(entry.nameSpace));
}

size_t qHash(const ProcessFilter &filter, size_t seed)
{
    return qHashMulti(seed, filter.names.has_value(), filter.names.value_or(QStringList{}),
                      filter.nameSpaces);
}

} // namespace pmdaemon

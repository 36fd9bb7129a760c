// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QStringView>

namespace pmdaemon {

/// Whether `text` is what `pattern` says: `*` stands for any characters, `?` for one. Takes at most
/// the product of both lengths, as patterns come from everywhere.
bool matchesWildcard(QStringView pattern, QStringView text);

} // namespace pmdaemon

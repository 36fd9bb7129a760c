// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QStringList>

namespace pmdaemon {

/// The words of a command line, quoted as in a POSIX shell (XCU 2.2): nothing has a meaning between
/// '…'; between "…" a backslash takes its from `"`, `\`, `$` and a backquote; elsewhere it takes it
/// from any character. Nothing is expanded. A quotation that is not closed reaches to the end.
QStringList commandWords(QStringView text);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QString>

#include <optional>

namespace pmdaemon {

/// "SIGTERM" for 15; "SIG42" for a number without a name.
QString signalName(int number);

/// "SIGTERM", "TERM", "sigterm" or "15"; nothing for what is no signal of this system.
std::optional<int> signalFromString(QStringView text);

} // namespace pmdaemon

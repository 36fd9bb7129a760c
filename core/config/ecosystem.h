// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/model/result.h"

namespace pmdaemon {

/// The apps of an ecosystem file (JSON, where comments and trailing commas may stand). Relative
/// paths are resolved against the file's folder. All or nothing: InvalidConfig with every problem
/// as "FILE:LINE: key: message", `details` {problems: [{file, line, column, key, message}]}.
/// NotFound for a file that is not there.
Result<QList<ProcessSpec>> loadEcosystem(const QString &path);

} // namespace pmdaemon

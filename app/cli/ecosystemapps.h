// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/commands.h"

namespace pmdaemon {

/// The apps of a file; what is ignored in it is told. A Failure has ConfigMissing, ConfigUnreadable
/// or ConfigInvalid.
tl::expected<QList<ProcessSpec>, Failure> readApps(Context &context, const QString &path,
                                                   const EcosystemOptions &options);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/commands.h"

namespace pmdaemon {

/// Reads a file; what is ignored in it is told. A Failure has ConfigMissing, ConfigUnreadable or
/// ConfigInvalid.
tl::expected<Ecosystem, Failure> readEcosystem(Context &context, const QString &path,
                                               const EcosystemOptions &options);

/// Has the daemon make the apps what they are here, and tells what was done, or would be.
ExitCode applyApps(Context &context, const QList<ProcessSpec> &apps, const QStringList &files,
                   bool dryRun);

/// The definitions of the apps that the targets name, each once, for a file of their own. Connects.
tl::expected<QJsonArray, Failure> appsOf(Context &context, const QStringList &targets);

/// The file that is meant where none is named: the first of
/// ecosystem.{json,yaml,yml,toml,config.js, config.cjs,config.mjs} in the current folder. A Failure
/// has ConfigMissing.
tl::expected<QString, Failure> ecosystemOr(const QString &named);

} // namespace pmdaemon

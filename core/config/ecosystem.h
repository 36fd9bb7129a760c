// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/model/result.h"

namespace pmdaemon {

struct EcosystemOptions
{
    QString environment = {}; ///< NAME: `env_NAME` of each app is put over its `env`; empty = none
    bool lenient = false;     ///< unknown keys of apps are told in `notices`, and left out
};

struct Ecosystem
{
    QList<ProcessSpec> apps; ///< each behind those it depends on
    QStringList files;       ///< that were read, absolute
    QStringList notices;     ///< what was ignored and why, for people, each once: "FILE:LINE: …"
};

/// Whether a file of this name is taken for an ecosystem file: *.json, *.yaml, *.yml, *.toml,
/// *.config.js, *.config.cjs or *.config.mjs, or the standard input, "-".
bool isEcosystemFile(const QString &path);

/// The apps of an ecosystem file (docs/configuration.md), with those of the files that it includes.
/// Relative paths are resolved against the file's folder; variables are those of this process. All
/// or nothing: InvalidConfig with every problem as "FILE:LINE: key: message", `details` {problems:
/// [{file, line, column, key, message}]}; line and column are 0 in what JavaScript exports.
/// NotFound for a file that is not there. Blocks: on the disk, and on `node` for JavaScript.
Result<Ecosystem> loadEcosystem(const QString &path, const EcosystemOptions &options = {});

/// The same, read in another thread.
Reply<Ecosystem> loadEcosystemLater(const QString &path, const EcosystemOptions &options = {});

} // namespace pmdaemon

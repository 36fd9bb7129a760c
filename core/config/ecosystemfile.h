// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/strictjson.h"
#include "core/model/result.h"

namespace pmdaemon {

/// A file's values, and where each of them stands.
struct EcosystemFile
{
    QString path; ///< absolute, clean
    QByteArray text;
    ParsedJson parsed;
    bool isStandardInput = false;
    bool isProgram = false; ///< JavaScript: what it exports stands nowhere
    /// What made the text unusable, instead of values.
    struct Problem
    {
        qsizetype offset = 0;
        QString key;
        QString message;
    };
    std::optional<Problem> problem;
};

/// What stands for the standard input in place of a path.
constexpr QLatin1StringView StandardInput("-");

/// Reads it by its suffix: YAML, TOML, JavaScript, else JSON with comments and trailing commas.
/// StandardInput is read to its end, as JSON where it begins like that, else as YAML, and counts as
/// a file "stdin" of the current folder. At most 10 MiB, 64 levels and 1,000,000 values. NotFound,
/// InvalidConfig: "FILE: …" for what is no readable file.
Result<EcosystemFile> readEcosystemFile(const QString &path);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QList>
#include <QStringList>

#include <optional>

namespace CLI {
class App;
}

namespace pmdaemon {

struct Candidate
{
    QString text;
    QString about; ///< for shells that show it

    bool operator==(const Candidate &) const = default;
};

/// What may stand at some place of a command line.
struct Completion
{
    QList<Candidate> candidates; ///< that begin as the word there does
    bool files = false;          ///< and any file
    bool processes = false;      ///< and what processesFor() says

    bool operator==(const Completion &) const = default;
};

/// `words` are those behind the program's name, the last one (maybe empty) being completed.
Completion completionFor(const CLI::App &tree, const QStringList &words);

/// All that names processes and begins with `prefix`: names, apps, namespaces, "all".
QList<Candidate> processesFor(const QList<ProcessEntry> &processes, const QString &prefix);

/// For "bash", "zsh" or "fish": the script that has `pmdaemon __complete -- WORD…` asked.
std::optional<QByteArray> completionScript(const QString &shell);

} // namespace pmdaemon

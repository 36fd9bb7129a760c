// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QCoreApplication>

namespace pmdaemon {

/// The translation context of the command line: `Cli::tr("…")`.
class Cli
{
    Q_DECLARE_TR_FUNCTIONS(Cli)
};

} // namespace pmdaemon

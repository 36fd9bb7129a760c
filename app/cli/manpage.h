// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>

#include <CLI/CLI.hpp>

namespace pmdaemon {

/// pmdaemon(1) in the language of man(7), of the whole command tree with all options.
QByteArray manPage(const CLI::App &tree);

} // namespace pmdaemon

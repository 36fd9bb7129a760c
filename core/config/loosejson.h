// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace pmdaemon {

/// JSON of what is written as JavaScript has it, and as PM2 reads it: names of members without
/// quotes, and texts between single ones. Everything else, comments included, stays as it is, and
/// each value in its line.
QByteArray jsonOfLoose(QByteArrayView text);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>

namespace pmdaemon {

enum class Colours { Keep, Strip };

/// A line (valid UTF-8) that can do nothing to a terminal: control characters become their visible
/// pictures (U+2400…), C1 and bidirectional controls U+FFFD. SGR sequences (ECMA-48 8.3.117,
/// colours and weight) pass or vanish; a line that had one ends with a reset. Tabs stay; the CR of
/// a CR LF goes.
QByteArray harmless(QByteArrayView line, Colours colours);

} // namespace pmdaemon

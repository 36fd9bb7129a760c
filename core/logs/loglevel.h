// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/logline.h"

#include <QByteArrayView>

namespace pmdaemon {

/// The level that a line states: a JSON object's `level` or `severity` (a word, or a number as pino
/// writes it), else a level word at its beginning, after nothing but time stamps, brackets and
/// colours. Else Info for stdout and Error for stderr.
LogLevel detectLogLevel(QByteArrayView line, LogStream stream);

} // namespace pmdaemon

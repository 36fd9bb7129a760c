// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

#include <QString>

namespace pmdaemon {

/// Words and figures for people, in their language and locale.
QString statusWord(ProcessStatus status);
QString healthWord(HealthStatus health);
/// "97.0 %"
QString percentText(double percent);
/// "74 MiB", "1.86 GiB"
QString bytesText(qint64 bytes);
/// The two largest units: "3 d 4 h", "23 h 30 min", "5 min 3 s", "12 s".
QString durationText(milliseconds duration);
/// A name that others chose, on one line: what is invisible and changes how the rest reads (control
/// characters, explicit text directions) becomes U+FFFD.
QString nameText(const QString &name);
/// Whether `c` sets the direction of the text after it: it can make a text read as another one.
bool isExplicitDirection(char16_t c);
/// What stands where there is no value.
QString noValue();

} // namespace pmdaemon

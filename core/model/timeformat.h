// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/walltime.h"

class QTimeZone;

namespace pmdaemon {

/// `time` in `zone` as a format of Moment.js and Day.js says, which PM2's users write: YYYY YY MMMM
/// MMM MM M DD D dddd ddd HH H hh h mm m ss s SSS A a Z (+01:00) ZZ (+0100) X (s since 1970) x
/// (ms). What stands in [brackets], and what is no token, stays as it is. Names are English.
QString formatTime(WallTime time, QStringView format, const QTimeZone &zone);

} // namespace pmdaemon

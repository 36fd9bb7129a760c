// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"

#include <QByteArray>

namespace pmdaemon {

/// What a JavaScript module exports (CommonJS or ES, also a promise, or a function of no
/// arguments), as JSON. It is run by the `node` on PATH, in its folder, for ten seconds at most;
/// what it prints goes nowhere. Blocks. InvalidConfig: "FILE: …", with what node said.
Result<QByteArray> evaluateJavaScript(const QString &path);

} // namespace pmdaemon

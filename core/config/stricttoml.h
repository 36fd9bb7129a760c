// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/strictjson.h"

namespace pmdaemon {

/// A TOML 1.0 document as JSON values; dates and times as the texts that RFC 3339 has for them.
tl::expected<ParsedJson, JsonProblem> parseStrictToml(QByteArrayView text, const JsonRules &rules);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/strictjson.h"

namespace pmdaemon {

/// One YAML 1.2 document as JSON values; plain scalars by the core schema (10.3.2). Merge keys
/// ("<<") are resolved. Refused beyond what the rules say: a second document, keys that are no
/// texts, aliases of what is not complete (cycles), tags other than those of the core schema. What
/// an alias stands for counts each time.
tl::expected<ParsedJson, JsonProblem> parseStrictYaml(QByteArrayView text, const JsonRules &rules);

} // namespace pmdaemon

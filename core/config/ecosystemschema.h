// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QJsonObject>

namespace pmdaemon {

/// The JSON Schema (draft 2020-12) of an ecosystem file, made of the table of fields: what editors
/// complete and check with.
QJsonObject ecosystemSchema();

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"

#include <QMap>

namespace pmdaemon {

/// The variables of a dotenv file's text: lines `NAME=value`, `export` before it is fine. Comments
/// begin with `#` at a line's start or after a blank. 'Single quotes' keep all as it is; in "double
/// quotes" `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are replaced; both may reach over lines. A name
/// that stands twice has what was said last. InvalidConfig, "LINE: …".
Result<QMap<QString, QString>> parseDotenv(const QByteArray &text);

/// Of several files, the later ones win. At most 1 MiB each. NotFound, InvalidConfig: "FILE: …" or
/// "FILE:LINE: …", `details` {path}.
Result<QMap<QString, QString>> readDotenv(const QStringList &files);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/http/response.h"

namespace pmdaemon {

/// Where the user's own pages appear (--web-root).
inline constexpr char webRootPath[] = "/custom/";

/// The file below the folder `root` that a request for `/custom/…` means; `index.html` for a
/// folder. Only regular files, reached through no symbolic link and no hidden name, of at most
/// 8 MiB; else 404, 405 or 413.
Response serveFile(const QString &root, const RequestHead &request);

/// By its suffix.
QByteArray contentTypeOfFile(const QString &path);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/http/response.h"

#include <optional>

namespace pmdaemon {

/// Why a request to /ws is no opening handshake of RFC 6455 that will succeed; nothing if it is
/// one.
std::optional<Response> refuseUpgrade(const RequestHead &request);

} // namespace pmdaemon

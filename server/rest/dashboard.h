// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "server/http/response.h"

#include <optional>

namespace pmdaemon {

/// The file of the dashboard (web/) that the request is for: / as a browser asks for it, and what
/// lies below /web/. Nothing for any other path. They are the same for everybody, and hold nothing
/// that anybody must not see.
std::optional<Response> dashboardFile(const RequestHead &request);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/model/result.h"

#include <sys/types.h>
#include <vector>

namespace pmdaemon {

/// As whom a program runs.
struct Account
{
    uid_t user = uid_t(-1);    ///< -1 = the daemon's
    gid_t group = gid_t(-1);   ///< likewise
    std::vector<gid_t> groups; ///< supplementary
    QString name;              ///< empty where the user stays the same or has no entry
    QString home;
    QString shell;
};

/// Of `user` and `group`, looked up in the system's databases; nothing when both are the daemon's
/// own already. StartFailed for names that are not there, `details` {step, errno, path}.
Result<std::optional<Account>> accountOf(const ProcessSpec &spec);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QList>

#include <vector>

namespace pmdaemon {

/// A socket that whoever started the daemon, a keeper or systemd, opened for it.
struct InheritedSocket
{
    QByteArray name; ///< empty = it has none
    UniqueFd descriptor;
};

/// Those of $LISTEN_FDS, as sd_listen_fds(3) documents. Removes the variables, so that no program
/// takes them for its own; a second call returns none.
std::vector<InheritedSocket> takeInheritedSockets();

} // namespace pmdaemon

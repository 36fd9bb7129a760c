// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/launchlimits.h"
#include "core/slot/restarttracker.h"
#include "core/slot/textbuffer.h"

#include <stddef.h>

namespace pmdaemon {

/// What a slot's `spec` says; the texts point into the bytes it was parsed from.
struct SlotSpec
{
    const char *program = nullptr; ///< absolute
    const char *folder = nullptr;  ///< absolute; null = the shim's own
    const char *logs[2] = {};      ///< absolute, out and err; null = thrown away
    int64_t maxSize = 10 * 1024 * 1024;
    int32_t maxFiles = 5;
    RestartPolicy restart;
    int32_t stopSignal = 15;
    int64_t stopTimeout = 1'600;
    bool stopTree = true;
    int64_t softFiles = -1; ///< RLIMIT_NOFILE; -1 = the shim's own
    int64_t hardFiles = -1; ///< likewise
    int64_t core = -1;      ///< RLIMIT_CORE, likewise
    const char *budget = nullptr;
    bool hasInput = false;      ///< standard input is a FIFO that others write to
    bool tellsReady = false;    ///< it gets NOTIFY_SOCKET and NODE_CHANNEL_FD
    bool stopByMessage = false; ///< it is asked to end through that channel
    size_t socketCount = 0;     ///< how many it is handed on, from descriptor 3 on

    size_t argumentCount = 0;    ///< without argv[0]
    size_t environmentCount = 0; ///< PMDAEMON_COOKIE, which the shim sets, is not one of them
    const char *strings = nullptr;
    const char *end = nullptr;

    /// Both streams go to one file.
    bool isShared() const;
    /// argv, with `argumentCount` + 2 places.
    void fillArguments(char **argv) const;
    /// As the child is to have them, but for those above.
    void fillLimits(LaunchLimits &limits) const;
    /// Whether it needs a NodeChannel.
    bool hasChannel() const { return tellsReady || stopByMessage; }
    /// envp, with `environmentCount` + 1 places.
    void fillEnvironment(char **envp) const;
    /// The names of the sockets, as LISTEN_FDNAMES has them.
    using SocketNames = TextBuffer<1'280>;
    void addSocketNames(SocketNames &names) const;
};

/// Parses the bytes of a `spec` file; false, and `spec` untouched, when they are damaged or say
/// what cannot be.
bool parseSlotSpec(const char *bytes, size_t size, SlotSpec &spec);

} // namespace pmdaemon

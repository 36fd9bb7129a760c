// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/faultpoint.h"

#ifdef PMDAEMON_FAULT_POINTS
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace pmdaemon {

void faultPoint(const char *name)
{
    const char *wanted = getenv("PMDAEMON_FAULT");
    const char *once = getenv("PMDAEMON_FAULT_ONCE");
    if (wanted && strcmp(wanted, name) == 0 &&
        (!once || open(once, O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0))
        kill(getpid(), SIGKILL);
}

} // namespace pmdaemon
#endif

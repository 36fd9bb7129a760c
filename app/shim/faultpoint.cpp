// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/faultpoint.h"

#ifdef PMDAEMON_FAULT_POINTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace pmdaemon {

void faultPoint(const char *name)
{
    const char *wanted = getenv("PMDAEMON_FAULT");
    if (wanted && strcmp(wanted, name) == 0)
        kill(getpid(), SIGKILL);
}

} // namespace pmdaemon
#endif

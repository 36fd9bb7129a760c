// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"
#include "gui/theme/theme.h"

namespace pmdaemon {

/// What the command line of pmdaemon-gui says.
struct GuiOptions
{
    QString home;        ///< absolute: of the own daemon
    int port = -1;       ///< where a window listens that supervises; -1 = its settings decide
    QString connect;     ///< the daemon to show; empty = the own one
    QString fingerprint; ///< of its certificate; empty = authorities alone
    QString tokenFile;   ///< what proves to that daemon who we are; empty = nothing
    std::optional<Theme> theme;  ///< none = the one chosen last
    std::optional<QString> text; ///< to print instead of opening a window: help or version
};

/// InvalidConfig with the words for the user when something is not understood.
Result<GuiOptions> parseGuiOptions(int argc, const char *const *argv);

} // namespace pmdaemon

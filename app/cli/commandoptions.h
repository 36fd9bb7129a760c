// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/choices.h"

#include <CLI/CLI.hpp>

namespace pmdaemon {

/// Translated in the context of the command line, for CLI11.
std::string optionText(const char *source);

// What each command accepts, and into which choices it goes.
void acceptNothing(CLI::App &command, Choices &choices);
void acceptTargets(CLI::App &command, Choices &choices);
void acceptControl(CLI::App &command, Choices &choices);
void acceptChange(CLI::App &command, Choices &choices);
void acceptStop(CLI::App &command, Choices &choices);
void acceptRestart(CLI::App &command, Choices &choices);
void acceptWeb(CLI::App &command, Choices &choices);
void acceptToken(CLI::App &command, Choices &choices);
void acceptDelete(CLI::App &command, Choices &choices);
void acceptScale(CLI::App &command, Choices &choices);
void acceptSignal(CLI::App &command, Choices &choices);
void acceptSend(CLI::App &command, Choices &choices);
void acceptSnapshot(CLI::App &command, Choices &choices);
void acceptStartup(CLI::App &command, Choices &choices);
void acceptStart(CLI::App &command, Choices &choices);
void acceptFile(CLI::App &command, Choices &choices);
void acceptImport(CLI::App &command, Choices &choices);
void acceptExport(CLI::App &command, Choices &choices);
void acceptNewFile(CLI::App &command, Choices &choices);
void acceptRows(CLI::App &command, Choices &choices);
void acceptList(CLI::App &command, Choices &choices);
void acceptLogs(CLI::App &command, Choices &choices);
void acceptEvents(CLI::App &command, Choices &choices);
void acceptKill(CLI::App &command, Choices &choices);
void acceptDoctor(CLI::App &command, Choices &choices);
void acceptDaemon(CLI::App &command, Choices &choices);
void acceptCompletion(CLI::App &command, Choices &choices);
void acceptHelp(CLI::App &command, Choices &choices);
void acceptGlobals(CLI::App &command, Choices &choices);

} // namespace pmdaemon

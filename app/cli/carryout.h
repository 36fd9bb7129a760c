// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/commands.h"

namespace pmdaemon {

/// Sends all commands at once, and reports each when its turn comes, in the order given: for people
/// a line per process, with --json one array of command_result objects. The first failure's code.
/// The session is connected.
ExitCode carryOut(Context &context, const QList<Command> &commands);

/// `; did you mean "NAME"?` where `error` is that `target` names no process, and one is near.
QString suggestion(const Backend &backend, const QString &target, const Error &error);

/// Complains and returns the code. With --json, where nothing else was written, stdout gets
/// {"error": {"code", "message"}}.
ExitCode report(Output &output, const Failure &failure);
ExitCode report(Context &context, const Failure &failure);

/// What stands with --json for a target of several that failed.
QJsonObject failedTarget(const QString &target, const Error &error);

} // namespace pmdaemon

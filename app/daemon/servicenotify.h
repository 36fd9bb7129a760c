// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>

namespace pmdaemon {

/// Tells the service manager, or the command that started us in the background, a state such as
/// "READY=1": one datagram to $NOTIFY_SOCKET, as sd_notify(3) documents. Without that variable:
/// nothing.
void notifyService(const QByteArray &state);

} // namespace pmdaemon

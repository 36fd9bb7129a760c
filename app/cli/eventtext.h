// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processevent.h"

namespace pmdaemon {

/// What happened, in a word or two for people: "started", "over its memory limit".
QString eventTitle(ProcessEvent::Kind kind);
/// And how: "exit code 1 after 3s". Empty where there is nothing more to say. What programs have
/// put into it is in it as it is.
QString eventStory(const ProcessEvent &event);
/// What must not be overlooked.
bool isAlarming(ProcessEvent::Kind kind);

} // namespace pmdaemon

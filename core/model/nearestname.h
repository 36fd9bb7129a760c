// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QLatin1StringView>
#include <QString>

#include <span>

namespace pmdaemon {

/// The name that `text` was most likely meant to be: at most a third of its characters (at least
/// one) would have to change, or one begins with the other, letter case aside. Empty when none is
/// near.
QLatin1StringView nearestName(QStringView text, std::span<const QLatin1StringView> names);

/// `; did you mean "NAME"?` for the nearest name, else nothing: the end of an error message.
QString didYouMean(QStringView text, std::span<const QLatin1StringView> names);

/// `text` in double quotes for a message: cut after 40 characters, control characters replaced.
QString quoted(QStringView text);

} // namespace pmdaemon

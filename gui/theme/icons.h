// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QIcon>
#include <QPalette>

namespace pmdaemon {

/// One of the bundled single-colour drawings (resources/icons/NAME.svg) in the palette's text
/// colours, normal and disabled. Take it anew when the palette changes.
QIcon themedIcon(QStringView name, const QPalette &palette);
/// The program's own icon.
QIcon applicationIcon();

} // namespace pmdaemon

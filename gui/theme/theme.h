// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QPalette>
#include <QString>

#include <optional>

class QApplication;

namespace pmdaemon {

/// System leaves style and palette to the platform.
enum class Theme { System, Light, Dark };

/// "system", "light", "dark": for the command line and the settings.
QString toString(Theme theme);
std::optional<Theme> themeFromString(QStringView text);

/// The palette of a forced theme; the platform's for System.
QPalette paletteOf(Theme theme);
/// Puts style and palette on; open windows follow by PaletteChange.
void applyTheme(QApplication &application, Theme theme);

} // namespace pmdaemon

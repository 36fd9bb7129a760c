// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/settings.h"
#include "core/model/result.h"

#include <span>

namespace pmdaemon {

/// One of the daemon's settings: `--key-with-dashes`, PMDAEMON_KEY (lists: separated by commas) and
/// `key` in pmdaemon.toml, in this order of precedence.
struct SettingField
{
    QLatin1StringView key;
    QLatin1StringView accepted; ///< for messages and help
    const char *description;    ///< for people, in the translation context "Cli"
    bool isList = false;
    /// False if the texts are not what is accepted; changes nothing then.
    bool (*read)(const QStringList &texts, Settings &settings);
};

/// All but home and the run directory, which decide where the file lies.
std::span<const SettingField> settingFields();
QString flagOf(const SettingField &field);
QByteArray variableOf(const SettingField &field);

/// What one source says: setting by key.
using SettingTexts = QMap<QString, QStringList>;

SettingTexts settingsFromEnvironment();
/// NotFound if there is no such file, InvalidConfig for what is not TOML, "FILE: …" in any case.
Result<SettingTexts> settingsFromFile(const QString &path);

/// What holds for the daemon of `home`: what is `given` on a command line, else the environment,
/// else its settings file, else the default. InvalidConfig as for its parts.
Result<Settings> settingsOf(const QString &home, const SettingTexts &given);

/// The first source that knows a setting decides. InvalidConfig for an unknown key or a value that
/// is not accepted.
Result<Settings> settingsFrom(const QString &home, const QList<SettingTexts> &sources);

/// $XDG_CONFIG_HOME/pmdaemon/pmdaemon.toml or ~/.config/pmdaemon/pmdaemon.toml for the default
/// home, <home>/pmdaemon.toml for any other.
QString settingsFileOf(const QString &home);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/commands.h"
#include "app/cli/settingfields.h"

#include <map>
#include <string>
#include <vector>

namespace pmdaemon {

using Texts = std::vector<std::string>;

/// What stood on the command line, as it stood there.
struct Choices
{
    // Global.
    std::string home;
    std::string host;
    std::string tokenFile;
    std::string fingerprint;
    std::string timeout;
    int port = -1;
    bool json = false;
    bool quiet = false;
    bool noSpawn = false;
    bool noColour = false;

    // Of the commands.
    Texts targets;
    std::string what;
    Texts arguments;
    std::map<QString, Texts> fields;   ///< start: by key of the configuration
    std::map<QString, Texts> settings; ///< daemon: by key
    std::string config;
    bool lenient = false;
    std::string environment;
    bool dryRun = false;
    std::string nameSpace;
    std::string sort;
    Texts statuses;
    bool watch = false;
    bool force = false;
    int instances = 0;
    std::string signal;
    std::string newPort; ///< of the processes, as `port` is the daemon's
    bool noWait = false;
    bool noBrowser = false;
    std::string name;
    std::string role;
    std::string expires;
    bool deleteLogs = false;
    std::string line;
    bool system = false;
    bool all = false;
    bool restoreBackup = false;
    bool acceptLoss = false;
    int lines = 20;
    bool follow = false;
    bool out = false;
    bool err = false;
    bool raw = false;
    bool timestamps = false;
    std::string grep;
    std::string level;
    std::string since;
    std::string until;
};

QString toQString(const std::string &text);
QStringList toQStringList(const Texts &texts);

// The choices of one command, checked. A Failure has the code Usage, if not a more telling one.
tl::expected<ConnectionOptions, Failure> connectionOptions(const Choices &choices);
tl::expected<StartOptions, Failure> startOptions(const Choices &choices);
FileOptions fileOptions(const Choices &choices);
tl::expected<TargetOptions, Failure> targetOptions(const Choices &choices);
tl::expected<TokenOptions, Failure> tokenOptions(const Choices &choices);
tl::expected<ListOptions, Failure> listOptions(const Choices &choices);
tl::expected<LogsOptions, Failure> logsOptions(const Choices &choices, WallTime now);
tl::expected<EventsOptions, Failure> eventsOptions(const Choices &choices, WallTime now);
tl::expected<Settings, Failure> daemonSettings(const Choices &choices);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/gui/guioptions.h"

#include "core/config/settings.h"

#include <QDir>

#include <CLI/CLI.hpp>

namespace pmdaemon {

namespace {

struct Given
{
    std::string connect;
    std::string tokenFile;
    std::string fingerprint;
    std::string home;
    std::string theme;
    int port = GuiOptions{}.port;
};

void describe(CLI::App &app, Given &given)
{
    app.set_version_flag("--version", "pmdaemon-gui " PMDAEMON_VERSION);
    app.footer("Without --connect it shows the daemon of this user if one runs; else it supervises "
               "itself, as long as its window is open.");
    app.add_option("--connect", given.connect,
                   "Show the daemon at this address: HOST[:PORT] or URL");
    app.add_option("--token-file", given.tokenFile, "The file that holds the token for --connect")
        ->check(CLI::ExistingFile);
    app.add_option("--fingerprint", given.fingerprint,
                   "SHA-256 of the certificate of a daemon that no authority knows");
    app.add_option("--home", given.home, "Where definitions and logs are kept (~/.pmdaemon)");
    app.add_option("--port", given.port, "Listen there when supervising; 0 = one that is free")
        ->check(CLI::Range(0, 65'535));
    app.add_option("--theme", given.theme, "system, light or dark")
        ->check(CLI::IsMember({"system", "light", "dark"}));
}

GuiOptions toOptions(const Given &given)
{
    GuiOptions options;
    options.home = given.home.empty() ? defaultHome()
                                      : QDir(QString::fromStdString(given.home)).absolutePath();
    options.port = given.port;
    options.connect = QString::fromStdString(given.connect);
    options.tokenFile = QString::fromStdString(given.tokenFile);
    options.fingerprint = QString::fromStdString(given.fingerprint);
    options.theme = themeFromString(QString::fromStdString(given.theme));
    return options;
}

} // namespace

Result<GuiOptions> parseGuiOptions(int argc, const char *const *argv)
{
    CLI::App app("The live table of PMDaemon's processes", "pmdaemon-gui");
    Given given;
    describe(app, given);
    GuiOptions options;
    // CLI11 reports by exception; it ends here.
    try {
        app.parse(argc, argv);
        options = toOptions(given);
    } catch (const CLI::CallForHelp &) {
        options.text = QString::fromStdString(app.help());
    } catch (const CLI::CallForVersion &version) {
        options.text = QString::fromLocal8Bit(version.what()) + u'\n';
    } catch (const CLI::ParseError &error) {
        return fail(ErrorCode::InvalidConfig, QString::fromLocal8Bit(error.what()));
    }
    return options;
}

} // namespace pmdaemon

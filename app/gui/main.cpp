// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/unixsignals.h"
#include "app/gui/guisession.h"

#include <QApplication>
#include <QLibraryInfo>
#include <QMessageBox>
#include <QSettings>
#include <QTextStream>
#include <QTranslator>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

void describeApplication()
{
    QCoreApplication::setApplicationName(u"PMDaemon"_s);
    QCoreApplication::setOrganizationName(u"PMDaemon"_s);
    QCoreApplication::setApplicationVersion(u"" PMDAEMON_VERSION ""_s);
    QGuiApplication::setDesktopFileName(u"org.pmdaemon.PMDaemon"_s);
}

/// What is installed last is looked up first. English stands in for what is in no other language:
/// without it plurals read "process(es)".
void installTranslators(QApplication &application)
{
    struct Catalogue
    {
        QLocale locale;
        QString name;
        QString folder;
    };
    const Catalogue catalogues[] = {
        {QLocale(), u"qtbase"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath)},
        {QLocale(QLocale::English), u"app"_s, u":/i18n"_s},
        {QLocale(), u"app"_s, u":/i18n"_s},
    };
    for (const Catalogue &catalogue : catalogues) {
        auto *translator = new QTranslator(&application);
        if (translator->load(catalogue.locale, catalogue.name, u"_"_s, catalogue.folder))
            QCoreApplication::installTranslator(translator);
    }
}

int reportError(const Error &error)
{
    QTextStream(stderr) << "pmdaemon-gui: " << error.message << '\n';
    QMessageBox::critical(nullptr, u"PMDaemon"_s, error.message);
    return 1;
}

int run(QApplication &application, const GuiOptions &options)
{
    QSettings settings;
    applyTheme(application, options.theme.value_or(MainWindow::savedTheme(settings)));
    UnixSignals signals_; // first: what comes before the window stands waits for it
    const auto session = GuiSession::open(options);
    if (!session) {
        for (const auto end : {&UnixSignals::terminate, &UnixSignals::interrupt})
            QObject::connect(&signals_, end, &application, &QCoreApplication::quit);
        return reportError(session.error());
    }
    GuiSession &opened = **session;

    MainWindow window(opened.backend(), opened.windowOptions(), settings);
    QObject::connect(&window, &MainWindow::retryRequested, &opened, &GuiSession::tryToConnect);
    QObject::connect(&window, &MainWindow::themeChosen, &application,
                     [&application](Theme theme) { applyTheme(application, theme); });
    QObject::connect(&window, &MainWindow::closed, &opened, &GuiSession::end);
    QObject::connect(&opened, &GuiSession::ended, &application, &QCoreApplication::quit,
                     Qt::QueuedConnection);
    // Not before: the window hears why an attempt fails.
    opened.tryToConnect();
    for (const auto end : {&UnixSignals::terminate, &UnixSignals::interrupt})
        QObject::connect(&signals_, end, &opened, &GuiSession::end);
    window.show();
    return QApplication::exec();
}

} // namespace

int main(int argc, char *argv[])
{
    describeApplication();
    // Help needs no display; but only QApplication knows and takes out Qt's own options.
    if (const auto options = parseGuiOptions(argc, argv); options && options->text) {
        QTextStream(stdout) << *options->text;
        return 0;
    }
    QApplication application(argc, argv);
    // The processes end first; then the program does.
    QApplication::setQuitOnLastWindowClosed(false);
    installTranslators(application);
    const Result<GuiOptions> options = parseGuiOptions(argc, argv);
    if (!options) {
        QTextStream(stderr) << "pmdaemon-gui: " << options.error().message
                            << "\nRun with --help for more information.\n";
        return 2;
    }
    return run(application, *options);
}

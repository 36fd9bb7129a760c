// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/settings.h"

#include <QDir>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestSettings : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        qputenv("HOME", "/home/somebody");
        qunsetenv("PMDAEMON_HOME");
        qunsetenv("XDG_RUNTIME_DIR");
    }

    void livesInTheUsersHome() { QCOMPARE(defaultHome(), u"/home/somebody/.pmdaemon"_s); }

    void takesItsHomeFromTheEnvironment()
    {
        qputenv("PMDAEMON_HOME", "/srv//pm/");
        QCOMPARE(defaultHome(), u"/srv/pm"_s);
        qputenv("PMDAEMON_HOME", "pm");
        QCOMPARE(defaultHome(), QDir::current().absoluteFilePath(u"pm"_s));
        qputenv("PMDAEMON_HOME", "");
        QCOMPARE(defaultHome(), u"/home/somebody/.pmdaemon"_s);
    }

    void runsInTheRuntimeDirectory()
    {
        qputenv("XDG_RUNTIME_DIR", "/run/user/1000");
        QCOMPARE(runDirectoryOf(defaultHome()), u"/run/user/1000/pmdaemon"_s);
    }

    void givesEachOtherHomeARunDirectoryOfItsOwn()
    {
        qputenv("XDG_RUNTIME_DIR", "/run/user/1000");
        QCOMPARE(runDirectoryOf(u"/srv/a"_s), u"/srv/a/run"_s);
        // Given by the environment it is no less another one than the default.
        qputenv("PMDAEMON_HOME", "/srv/b");
        QCOMPARE(runDirectoryOf(defaultHome()), u"/srv/b/run"_s);
    }

    void ignoresARuntimeDirectoryThatIsNotAbsolute()
    {
        qputenv("XDG_RUNTIME_DIR", "run");
        QCOMPARE(runDirectoryOf(defaultHome()), u"/home/somebody/.pmdaemon/run"_s);
    }
};

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"

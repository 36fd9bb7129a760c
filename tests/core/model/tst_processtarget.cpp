// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/processtarget.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestProcessTarget : public QObject
{
    Q_OBJECT

private slots:
    void namesProcesses_data();
    void namesProcesses();
    void noPatternTakesLong();
};

void TestProcessTarget::namesProcesses_data()
{
    QTest::addColumn<QString>("target");
    QTest::addColumn<bool>("matches"); // web-1, the app web, id 7, namespace edge
    const auto row = [](const char *target, bool matches) {
        QTest::newRow(target) << QString::fromLatin1(target) << matches;
    };
    row("all", true);
    row("web-1", true);
    row("web", true);
    row("we", false);
    row("", false);
    row("7", true);
    row("1", false);
    row("99999999999", false);
    row("namespace:edge", true);
    row("namespace:default", false);
    row("namespace:e*", false);
    row("web-*", true);
    row("*", true);
    row("w?b", true);
    row("*1", true);
    row("*2", false);
    row("*e*-*", true);
    row("web-1*", true);
    row("web-??", false);
    row("eb*", false); // all of the name
}

void TestProcessTarget::namesProcesses()
{
    QFETCH(QString, target);
    QFETCH(bool, matches);
    ProcessEntry entry;
    entry.id = ProcessId{7};
    entry.name = u"web-1"_s;
    entry.app = u"web"_s;
    entry.instance = 1;
    entry.nameSpace = u"edge"_s;
    QCOMPARE(ProcessTarget(target).matches(entry), matches);
}

void TestProcessTarget::noPatternTakesLong()
{
    ProcessEntry entry;
    entry.name = entry.app = QString(64, u'a');
    const QString pattern = QStringLiteral("*a").repeated(60) + u'b';
    for (int i = 0; i < 5'000; ++i) // as many processes as there can be
        QVERIFY(!ProcessTarget(pattern).matches(entry));
}

QTEST_APPLESS_MAIN(TestProcessTarget)
#include "tst_processtarget.moc"

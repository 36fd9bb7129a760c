// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/processfilter.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

ProcessEntry entry(const QString &name, const QString &app, const QString &nameSpace)
{
    ProcessEntry made;
    made.name = name;
    made.app = app;
    made.nameSpace = nameSpace;
    return made;
}

} // namespace

class TestProcessFilter : public QObject
{
    Q_OBJECT

private slots:
    void matchesAllByDefault()
    {
        QVERIFY(ProcessFilter{}.matches(entry(u"a"_s, u"a"_s, u"default"_s)));
    }

    void matchesNoOneWithAnEmptyList()
    {
        QVERIFY(!(ProcessFilter{QStringList{}, {}}.matches(entry(u"a"_s, u"a"_s, u"x"_s))));
    }

    void matchesByNameAndByApp()
    {
        const ProcessEntry instance = entry(u"web-1"_s, u"web"_s, u"default"_s);
        QVERIFY((ProcessFilter{QStringList{u"web-1"_s}, {}}.matches(instance)));
        QVERIFY((ProcessFilter{QStringList{u"x"_s, u"web"_s}, {}}.matches(instance)));
        QVERIFY(!(ProcessFilter{QStringList{u"web-0"_s}, {}}.matches(instance)));
        QVERIFY(!(ProcessFilter{QStringList{u"WEB"_s}, {}}.matches(instance)));
    }

    void matchesByNamespaceAndNameTogether()
    {
        const ProcessEntry process = entry(u"web"_s, u"web"_s, u"shop"_s);
        QVERIFY((ProcessFilter{std::nullopt, {u"shop"_s}}.matches(process)));
        QVERIFY(!(ProcessFilter{std::nullopt, {u"other"_s}}.matches(process)));
        QVERIFY(!(ProcessFilter{QStringList{u"api"_s}, {u"shop"_s}}.matches(process)));
    }

    void hashesEqualFiltersEqually()
    {
        const ProcessFilter one{QStringList{u"a"_s}, {u"b"_s}};
        QCOMPARE(qHash(ProcessFilter(one)), qHash(one));
        // All and no one are different wishes.
        const ProcessFilter nobody{QStringList{}, {}};
        QVERIFY(!(nobody == ProcessFilter{}));
        QVERIFY(qHash(nobody) != qHash(ProcessFilter{}));
    }
};

QTEST_GUILESS_MAIN(TestProcessFilter)
#include "tst_processfilter.moc"

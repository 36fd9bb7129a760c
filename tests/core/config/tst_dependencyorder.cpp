// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/dependencies.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

ProcessSpec app(const QString &name, const QStringList &dependencies)
{
    ProcessSpec spec;
    spec.name = name;
    for (const QString &other : dependencies)
        spec.dependsOn.insert(other, DependencyCondition::Started);
    return spec;
}

QStringList orderOf(const QList<ProcessSpec> &apps)
{
    QStringList names;
    for (const ProcessSpec &spec : inStartOrder(apps))
        names.append(spec.name);
    return names;
}

} // namespace

class TestDependencyOrder : public QObject
{
    Q_OBJECT

private slots:
    void showsTheCycle()
    {
        QCOMPARE(dependencyCycle({}), QStringList());
        QCOMPARE(dependencyCycle({{u"a"_s, {u"b"_s}}, {u"b"_s, {u"c"_s}}}), QStringList());
        QCOMPARE(dependencyCycle({{u"a"_s, {u"a"_s}}}), (QStringList{u"a"_s, u"a"_s}));
        // A diamond is none; what leads to one is no part of it.
        QCOMPARE(dependencyCycle({{u"a"_s, {u"b"_s, u"c"_s}},
                                  {u"b"_s, {u"d"_s}},
                                  {u"c"_s, {u"d"_s}},
                                  {u"d"_s, {u"e"_s}},
                                  {u"e"_s, {u"f"_s}},
                                  {u"f"_s, {u"d"_s}}}),
                 (QStringList{u"d"_s, u"e"_s, u"f"_s, u"d"_s}));
    }

    void takesChainsOfAnyLength()
    {
        DependencyGraph graph;
        for (int i = 0; i < 5'000; ++i)
            graph.insert(QString::number(i), {QString::number(i + 1)});
        QVERIFY(dependencyCycle(graph).isEmpty());
        graph.insert(u"5000"_s, {u"0"_s});
        QCOMPARE(dependencyCycle(graph).size(), 5'002);
    }

    void ordersWhatDependsBehindTheOthers()
    {
        QCOMPARE(orderOf({app(u"web"_s, {u"db"_s, u"cache"_s}), app(u"job"_s, {}),
                          app(u"cache"_s, {u"db"_s}), app(u"db"_s, {u"elsewhere"_s})}),
                 (QStringList{u"job"_s, u"db"_s, u"cache"_s, u"web"_s}));
        QCOMPARE(orderOf({app(u"c"_s, {}), app(u"a"_s, {}), app(u"b"_s, {})}),
                 (QStringList{u"c"_s, u"a"_s, u"b"_s}));
    }
};

QTEST_GUILESS_MAIN(TestDependencyOrder)
#include "tst_dependencyorder.moc"

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specfields.h"
#include "core/process/applyplan.h"
#include "tests/support/comparenames.h"

#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

using Kind = AppChange::Kind;
using Apps = QMap<QString, ProcessSpec>;

ProcessSpec app(const QString &name, const QString &file = u"/e.json"_s)
{
    ProcessSpec spec;
    spec.name = name;
    spec.script = u"x"_s;
    spec.configFile = file;
    return spec;
}

Apps current(const QList<ProcessSpec> &specs)
{
    Apps apps;
    for (const ProcessSpec &spec : specs)
        apps.insert(spec.name, spec);
    return apps;
}

ApplyRequest request(const QList<ProcessSpec> &specs)
{
    ApplyRequest made{.apps = {}, .files = {u"/e.json"_s}, .dryRun = false};
    for (const ProcessSpec &spec : specs)
        made.apps.append(specToJson(spec));
    return made;
}

/// "added web", "changed web: nice (restarts)", …
QStringList changes(const Result<ApplyPlan> &plan)
{
    if (!plan)
        return {plan.error().message};
    QStringList texts;
    for (const AppChange &change : plan->report.apps) {
        QString text = toString(change.kind) + u' ' + change.app;
        if (!change.fields.isEmpty())
            text += u": "_s + change.fields.join(u", "_s);
        texts.append(change.restarts ? text + u" (restarts)"_s : text);
    }
    return texts;
}

} // namespace

class TestApplyPlan : public QObject
{
    Q_OBJECT

private slots:
    void tellsWhatChanges()
    {
        ProcessSpec changed = app(u"b"_s);
        changed.nice = 5;
        changed.killSignal = 2;
        QCOMPARE(changes(planApply(request({app(u"a"_s), changed, app(u"new"_s)}),
                                   current({app(u"a"_s), app(u"b"_s), app(u"gone"_s)}))),
                 (QStringList{u"unchanged a"_s, u"changed b: kill_signal, nice (restarts)"_s,
                              u"added new"_s, u"removed gone"_s}));
    }

    void leavesTheAppsOfOtherFilesAlone()
    {
        QCOMPARE(changes(planApply(request({app(u"a"_s)}), current({app(u"other"_s, u"/f.json"_s),
                                                                    app(u"by hand"_s, {})}))),
                 QStringList{u"added a"_s});
    }

    void someFieldsHoldWithoutARestart()
    {
        ProcessSpec changed = app(u"a"_s);
        changed.instances = 3;
        changed.nameSpace = u"shop"_s;
        changed.maxMemoryRestart = 1'000;
        QCOMPARE(changes(planApply(request({changed}), current({app(u"a"_s)}))),
                 QStringList{u"changed a: namespace, instances, max_memory_restart"_s});
    }

    void plansInTheOrderOfTheStart()
    {
        ProcessSpec web = app(u"web"_s);
        web.dependsOn.insert(u"db"_s, DependencyCondition::Started);
        QCOMPARE(changes(planApply(request({web, app(u"db"_s)}), {})),
                 (QStringList{u"added db"_s, u"added web"_s}));
    }

    void findsEveryProblem()
    {
        ApplyRequest wrong = request({app(u"a"_s)});
        wrong.apps.append({{u"name"_s, u"b"_s}, {u"script_"_s, u"x"_s}});
        wrong.apps.append({{u"script"_s, u"x"_s}, {u"nice"_s, 99}});
        wrong.apps.append(wrong.apps.first());
        const auto plan = planApply(wrong, {});
        QCOMPARE(plan.error().code, ErrorCode::InvalidConfig);
        const QStringList lines = plan.error().message.split(u'\n');
        QCOMPARE(lines.size(), 4);
        QCOMPARE(lines[0], u"b: script_: unknown key; did you mean \"script\"?"_s);
        QVERIFY(lines[1].startsWith(u"b: script: missing"_s));
        QVERIFY(lines[2].startsWith(u"apps[2]: nice: expected a whole number"_s));
        QCOMPARE(lines[3], u"a: name: it stands here twice; keep one"_s);
        QCOMPARE(plan.error().details[u"problems"_s].toArray().size(), 4);
    }

    void refusesWhatCannotDependOnEachOther()
    {
        ProcessSpec a = app(u"a"_s);
        a.dependsOn.insert(u"bb"_s, DependencyCondition::Started);
        QCOMPARE(changes(planApply(request({a}), current({app(u"b"_s, {})}))),
                 QStringList{u"a: depends_on: there is no app bb; did you mean \"b\"?"_s});
        ProcessSpec bb = app(u"bb"_s, {});
        bb.dependsOn.insert(u"a"_s, DependencyCondition::Started);
        QVERIFY(changes(planApply(request({a}), current({bb})))[0].contains(u"a → bb → a"_s));
        // One that would be removed is none that could be depended on.
        QVERIFY(changes(planApply(request({a}), current({app(u"bb"_s)})))[0].contains(
            u"there is no app bb"_s));
    }
};

QTEST_GUILESS_MAIN(TestApplyPlan)
#include "tst_applyplan.moc"

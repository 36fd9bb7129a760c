// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/applyplan.h"

#include "core/config/dependencies.h"
#include "core/config/specfields.h"
#include "core/model/nearestname.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ApplyPlan)
};

// What holds at once; all else takes a new start.
constexpr std::array heldAtOnce = {
    "compress_logs"_L1,      "config_env"_L1,      "config_file"_L1,  "cron_restart"_L1,
    "cron_timezone"_L1,      "depends_on"_L1,      "ignore_watch"_L1, "instances"_L1,
    "listen_timeout"_L1,     "log_date_format"_L1, "log_type"_L1,     "max_cpu_percent"_L1,
    "max_memory_restart"_L1, "namespace"_L1,       "overlap"_L1,      "watch"_L1,
    "watch_delay"_L1,
};

bool isHeldAtOnce(const QString &key)
{
    return std::find(heldAtOnce.begin(), heldAtOnce.end(), key) != heldAtOnce.end();
}

QStringList changedFields(const ProcessSpec &from, const ProcessSpec &to)
{
    const QJsonObject before = specToJson(from);
    const QJsonObject after = specToJson(to);
    QStringList keys;
    for (const SpecField &field : specFields()) {
        if (before.value(field.key) != after.value(field.key))
            keys.append(field.key);
    }
    return keys;
}

AppChange changeOf(const ProcessSpec &app, const QMap<QString, ProcessSpec> &current,
                   bool isUnsettled)
{
    const auto known = current.constFind(app.name);
    if (known == current.cend())
        return {AppChange::Kind::Added, app.name, {}};
    if (*known == app && !isUnsettled)
        return {AppChange::Kind::Unchanged, app.name, {}};
    const QStringList fields = changedFields(*known, app);
    return {AppChange::Kind::Changed, app.name, fields,
            isUnsettled || !std::all_of(fields.begin(), fields.end(), isHeldAtOnce)};
}

/// Finds what is wrong with all apps.
class Problems
{
public:
    void add(const QString &app, const QString &key, const QString &message)
    {
        m_texts.append(u"%1: %2: %3"_s.arg(app, key, message));
        m_list.append(QJsonObject{{u"app"_s, app}, {u"key"_s, key}, {u"message"_s, message}});
    }
    bool isEmpty() const { return m_texts.isEmpty(); }
    tl::unexpected<Error> error() const
    {
        return fail(ErrorCode::InvalidConfig, m_texts.join(u'\n'), {{u"problems"_s, m_list}});
    }

private:
    QStringList m_texts;
    QJsonArray m_list;
};

QList<ProcessSpec> readApps(const ApplyRequest &request, Problems &problems)
{
    QList<ProcessSpec> apps;
    QSet<QString> names;
    for (qsizetype i = 0; i < request.apps.size(); ++i) {
        auto spec = specFromJson(request.apps[i]);
        if (!spec) {
            const QString name = request.apps[i].value("name"_L1).toString(u"apps[%1]"_s.arg(i));
            for (const SpecProblem &problem : spec.error())
                problems.add(name, problem.key, problem.message);
            continue;
        }
        if (names.contains(spec->name))
            problems.add(spec->name, u"name"_s, Words::tr("it stands here twice; keep one"));
        names.insert(spec->name);
        apps.append(*std::move(spec));
    }
    return apps;
}

void checkDependencies(const QMap<QString, ProcessSpec> &apps, Problems &problems)
{
    DependencyGraph graph;
    std::vector<QByteArray> texts;
    for (auto it = apps.cbegin(); it != apps.cend(); ++it) {
        graph.insert(it.key(), it->dependsOn.keys());
        texts.push_back(it.key().toLatin1());
    }
    const std::vector<QLatin1StringView> names(texts.begin(), texts.end());
    for (const ProcessSpec &app : apps) {
        for (const QString &other : app.dependsOn.keys()) {
            if (!apps.contains(other))
                problems.add(app.name, u"depends_on"_s,
                             Words::tr("there is no app %1").arg(other) + didYouMean(other, names));
        }
    }
    if (const QStringList cycle = dependencyCycle(graph); !cycle.isEmpty())
        problems.add(cycle.constFirst(), u"depends_on"_s,
                     Words::tr("goes round in a circle, %1; leave one of them out")
                         .arg(cycle.join(u" → "_s)));
}

} // namespace

Result<ApplyPlan> planApply(const ApplyRequest &request, const QMap<QString, ProcessSpec> &current,
                            const QSet<QString> &unsettled)
{
    Problems problems;
    ApplyPlan plan;
    plan.report.dryRun = request.dryRun;
    plan.apps = inStartOrder(readApps(request, problems));
    QMap<QString, ProcessSpec> result = current;
    for (const ProcessSpec &app : plan.apps) {
        result.insert(app.name, app);
        plan.report.apps.append(changeOf(app, current, unsettled.contains(app.name)));
    }
    QSet<QString> wanted;
    for (const ProcessSpec &app : plan.apps)
        wanted.insert(app.name);
    for (auto it = current.cbegin(); it != current.cend(); ++it) {
        if (wanted.contains(it.key()) || !request.files.contains(it->configFile))
            continue;
        plan.report.apps.append({AppChange::Kind::Removed, it.key(), {}});
        result.remove(it.key());
    }
    if (problems.isEmpty())
        checkDependencies(result, problems);
    if (!problems.isEmpty())
        return problems.error();
    return plan;
}

} // namespace pmdaemon

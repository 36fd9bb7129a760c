// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/dependencies.h"

#include <QSet>

#include <algorithm>

namespace pmdaemon {

namespace {

/// Depth first, without recursion: a chain may be as long as there are apps.
class CycleSearch
{
public:
    explicit CycleSearch(const DependencyGraph &graph)
        : m_graph(graph)
    {}

    QStringList from(const QString &start)
    {
        m_path = {start};
        m_nexts = {0};
        while (!m_path.isEmpty()) {
            const QStringList next = m_graph.value(m_path.constLast());
            if (m_nexts.constLast() == next.size()) {
                m_done.insert(m_path.takeLast());
                m_nexts.removeLast();
                continue;
            }
            const QString &app = next[m_nexts.last()++];
            if (const qsizetype at = m_path.indexOf(app); at >= 0)
                return m_path.sliced(at) << app;
            if (m_done.contains(app))
                continue;
            m_path.append(app);
            m_nexts.append(0);
        }
        return {};
    }

private:
    const DependencyGraph &m_graph;
    QSet<QString> m_done;
    QStringList m_path;
    QList<qsizetype> m_nexts; ///< of each step, which one is looked at next
};

} // namespace

QStringList dependencyCycle(const DependencyGraph &graph)
{
    CycleSearch search(graph);
    for (auto it = graph.keyBegin(); it != graph.keyEnd(); ++it) {
        if (const QStringList cycle = search.from(*it); !cycle.isEmpty())
            return cycle;
    }
    return {};
}

QList<ProcessSpec> inStartOrder(const QList<ProcessSpec> &apps)
{
    QSet<QString> left;
    for (const ProcessSpec &app : apps)
        left.insert(app.name);
    QList<ProcessSpec> waiting = apps;
    QList<ProcessSpec> ordered;
    const auto isReady = [&left](const ProcessSpec &app) {
        return std::none_of(app.dependsOn.keyBegin(), app.dependsOn.keyEnd(),
                            [&left](const QString &other) { return left.contains(other); });
    };
    while (!waiting.isEmpty()) {
        const auto rest = std::stable_partition(
            waiting.begin(), waiting.end(), [&](const ProcessSpec &app) { return !isReady(app); });
        if (rest == waiting.end())
            return ordered + waiting; // a cycle
        for (auto it = rest; it != waiting.end(); ++it) {
            left.remove(it->name);
            ordered.append(*it);
        }
        waiting.erase(rest, waiting.end());
    }
    return ordered;
}

} // namespace pmdaemon

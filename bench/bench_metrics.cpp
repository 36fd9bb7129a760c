// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/metricshistory.h"
#include "core/metrics/processtree.h"
#include "core/metrics/systemusage.h"

#include <benchmark/benchmark.h>
#include <csignal>
#include <sys/wait.h>
#include <vector>

using namespace pmdaemon;

namespace {

/// Children that only wait.
class Children
{
public:
    explicit Children(int count)
    {
        for (int i = 0; i < count; ++i) {
            const pid_t pid = ::fork();
            if (pid == 0) {
                ::pause();
                ::_exit(0);
            }
            m_pids.push_back(pid);
        }
    }
    ~Children()
    {
        for (const pid_t pid : m_pids)
            ::kill(pid, SIGKILL);
        for (const pid_t pid : m_pids)
            ::waitpid(pid, nullptr, 0);
    }
    const std::vector<pid_t> &pids() const { return m_pids; }

private:
    std::vector<pid_t> m_pids;
};

/// One tick over 100 processes; items are processes. 1 = descriptors are kept.
void sampleProcesses(benchmark::State &state)
{
    const bool keepOpen = state.range(0) == 1;
    const Children children(100);
    FdBudget budget(keepOpen ? 1'000 : 0);
    std::vector<ProcessTree> trees;
    for (const pid_t pid : children.pids())
        trees.emplace_back("/proc", pid, &budget);
    for (auto _ : state) {
        for (ProcessTree &tree : trees)
            benchmark::DoNotOptimize(tree.read(keepOpen));
    }
    state.SetItemsProcessed(state.iterations() * qint64(trees.size()));
}
BENCHMARK(sampleProcesses)->Arg(1)->Arg(0);

void readMachine(benchmark::State &state)
{
    SystemUsage usage;
    for (auto _ : state)
        benchmark::DoNotOptimize(usage.update(readSystem("/proc", "/")));
}
BENCHMARK(readMachine);

/// A whole day of one process.
void fillHistory(benchmark::State &state)
{
    for (auto _ : state) {
        MetricsHistory history;
        for (int second = 0; second < 86'400; ++second)
            history.add(WallTime{milliseconds{1'700'000'000'000 + second * 1'000LL}},
                        {ProcessId{1}, 12.5, 50'000'000});
        benchmark::DoNotOptimize(history);
    }
    state.SetItemsProcessed(state.iterations() * 86'400);
}
BENCHMARK(fillHistory);

} // namespace

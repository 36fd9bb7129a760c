// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/processtree.h"

#include "core/metrics/procfs.h"

#include <QStringBuilder>

#include <ctime>

namespace pmdaemon {

using std::chrono::nanoseconds;

ProcessTree::ProcessTree(const QByteArray &procRoot, qint64 pid, FdBudget *budget)
    : m_procRoot(procRoot)
    , m_root(pid)
    , m_budget(budget)
    , m_isKernel(procRoot == "/proc")
{}

std::optional<TreeFigures> ProcessTree::read(bool keepOpen, Walk walk)
{
    ++m_round;
    m_figures.memory = 0;
    m_pending.assign(1, m_root);
    if (walk == Walk::Known) {
        for (const auto &[pid, member] : m_members)
            m_pending.push_back(pid);
    }
    while (!m_pending.empty()) {
        const qint64 pid = m_pending.back();
        m_pending.pop_back();
        Member &member = memberFor(pid);
        if (keepOpen)
            member.files.keepOpen();
        if (member.round != m_round && readMember(pid, member, walk))
            member.round = m_round;
    }
    std::erase_if(m_members, [this](const auto &entry) { return entry.second.round != m_round; });
    if (!m_members.contains(m_root))
        return std::nullopt;
    return m_figures;
}

ProcessTree::Member &ProcessTree::memberFor(qint64 pid)
{
    const auto found = m_members.find(pid);
    if (found != m_members.end())
        return found->second;
    const QByteArray directory = m_procRoot + '/' + QByteArray::number(pid);
    return m_members.try_emplace(pid, directory, m_budget).first->second;
}

void ProcessTree::release()
{
    for (auto &[pid, member] : m_members)
        member.files.release();
}

bool ProcessTree::readMember(qint64 pid, Member &member, Walk walk)
{
    static const qint64 pageSize = ::sysconf(_SC_PAGESIZE);
    if (!member.files.readStatm(m_buffer))
        return false;
    const qint64 memory = procfs::parseResidentPages(m_buffer) * pageSize;
    const std::optional<nanoseconds> cpu = cpuTime(pid, member);
    if (!cpu)
        return false;
    // Less than before: the pid is another process now.
    m_figures.cpu += *cpu < member.cpu ? *cpu : *cpu - member.cpu;
    m_figures.memory += memory;
    member.cpu = *cpu;
    if (walk == Walk::Whole)
        member.files.readChildren(m_pending, m_buffer);
    return true;
}

std::optional<nanoseconds> ProcessTree::cpuTime(qint64 pid, Member &member)
{
    if (!m_isKernel) {
        static const qint64 ticksPerSecond = ::sysconf(_SC_CLK_TCK);
        if (!member.files.readStat(m_buffer))
            return std::nullopt;
        return nanoseconds(std::chrono::seconds(procfs::parseProcessTicks(m_buffer))) /
               ticksPerSecond;
    }
    if (member.clock == 0 && ::clock_getcpuclockid(pid_t(pid), &member.clock) != 0)
        return std::nullopt;
    timespec time{};
    if (::clock_gettime(member.clock, &time) != 0)
        return std::nullopt;
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/processfiles.h"

#include "core/metrics/procfs.h"

#include <QStringBuilder>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/resource.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr int filesPerProcess = 2; // statm and the task directory

UniqueFd openToRead(const QByteArray &path)
{
    return UniqueFd(::open(path.constData(), O_RDONLY | O_CLOEXEC));
}

} // namespace

FdBudget FdBudget::ofThisProcess()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return FdBudget(1024);
    return FdBudget(int(std::min<rlim_t>(limit.rlim_cur / 4, 65'536)));
}

bool FdBudget::take(int count)
{
    if (m_used + count > m_limit)
        return false;
    m_used += count;
    return true;
}

ProcessFiles::ProcessFiles(QByteArray directory, FdBudget *budget)
    : m_directory(std::move(directory))
    , m_budget(budget)
{}

ProcessFiles::~ProcessFiles()
{
    release();
}

void ProcessFiles::keepOpen()
{
    if (m_taken > 0 || !m_budget->take(filesPerProcess))
        return;
    m_taken = filesPerProcess;
    m_statm = openToRead(m_directory + "/statm");
    m_tasks = openToRead(m_directory + "/task");
    openThreads();
}

void ProcessFiles::release()
{
    m_budget->giveBack(m_taken);
    m_taken = 0;
    m_statm.reset();
    m_tasks.reset();
    m_threads.clear();
}

void ProcessFiles::openThreads()
{
    const std::vector<qint64> threads = listThreads();
    const auto isOpen = [](const Thread &thread, qint64 id) { return thread.id == id; };
    if (std::ranges::equal(m_threads, threads, isOpen))
        return;
    m_budget->giveBack(int(m_threads.size()));
    m_taken -= int(m_threads.size());
    m_threads.clear();
    if (!m_budget->take(int(threads.size())))
        return release();
    m_taken += int(threads.size());
    for (const qint64 thread : threads)
        m_threads.push_back({thread, openToRead(childrenPath(thread))});
}

bool ProcessFiles::readFile(const char *name, QByteArray &buffer) const
{
    const UniqueFd file = openToRead(m_directory + name);
    return file && procfs::readAgain(file.get(), buffer) && !buffer.isEmpty();
}

bool ProcessFiles::readStatm(QByteArray &buffer) const
{
    if (m_statm)
        return procfs::readAgain(m_statm.get(), buffer) && !buffer.isEmpty();
    return readFile("/statm", buffer);
}

bool ProcessFiles::readStat(QByteArray &buffer) const
{
    return readFile("/stat", buffer);
}

QByteArray ProcessFiles::childrenPath(qint64 thread) const
{
    return m_directory + "/task/" + QByteArray::number(thread) + "/children";
}

std::vector<qint64> ProcessFiles::listThreads() const
{
    std::vector<qint64> threads;
    const QByteArray path = m_directory + "/task";
    const std::unique_ptr<DIR, int (*)(DIR *)> directory(::opendir(path.constData()), &::closedir);
    while (const dirent *entry = directory ? ::readdir(directory.get()) : nullptr) {
        qint64 id = 0;
        std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), id);
        if (id > 0)
            threads.push_back(id);
    }
    return threads;
}

bool ProcessFiles::threadsMayHaveChanged()
{
    // The link count of the task directory is the number of threads plus two. A thread that ended
    // while another began leaves it as it was, and its children file just reads empty.
    constexpr int readingsBetweenLists = 16;
    struct stat info;
    return ++m_readings % readingsBetweenLists == 0 || ::fstat(m_tasks.get(), &info) != 0 ||
           info.st_nlink != m_threads.size() + 2;
}

void ProcessFiles::readChildren(std::vector<qint64> &pids, QByteArray &buffer)
{
    if (m_taken > 0 && threadsMayHaveChanged())
        openThreads();
    if (m_taken == 0) {
        for (const qint64 thread : listThreads())
            procfs::parsePids(procfs::readFile(childrenPath(thread)), pids);
        return;
    }
    for (const Thread &thread : m_threads) {
        if (thread.children && procfs::readAgain(thread.children.get(), buffer))
            procfs::parsePids(buffer, pids);
    }
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/oomwatch.h"

#include "core/slot/procentry.h"
#include "core/slot/textbuffer.h"

#include <stdlib.h>

namespace pmdaemon {

namespace {

/// Lines of /proc/PID/cgroup, cgroups(7), and the file that counts.
struct Hierarchy
{
    const char *mark; ///< what stands before the group's path
    const char *root;
    const char *file;
};

constexpr Hierarchy hierarchies[] = {
    {":memory:", "/sys/fs/cgroup/memory", "/memory.oom_control"},
    {"0::", "/sys/fs/cgroup", "/memory.events"},
};

constexpr const char *countKey = "oom_kill ";

} // namespace

void OomWatch::begin(int32_t pid)
{
    m_file[0] = '\0';
    char groups[2048];
    TextBuffer<40> path;
    path.add("/proc/").addNumber(uint64_t(pid)).add("/cgroup");
    if (readSmallFile(path.text(), groups, sizeof groups) <= 0)
        return;
    for (const Hierarchy &hierarchy : hierarchies) {
        const char *found = strstr(groups, hierarchy.mark);
        if (!found)
            continue;
        const char *group = found + strlen(hierarchy.mark);
        const char *end = strchrnul(group, '\n');
        TextBuffer<sizeof m_file> file;
        file.add(hierarchy.root).add(group, size_t(end - group)).add(hierarchy.file);
        if (!file.isWhole())
            continue;
        memcpy(m_file, file.text(), file.length() + 1);
        m_before = kills();
        if (m_before >= 0)
            return;
        m_file[0] = '\0';
    }
}

bool OomWatch::hasKilled() const
{
    return m_file[0] != '\0' && kills() > m_before;
}

/// -1 where that cannot be known.
int64_t OomWatch::kills() const
{
    char text[512];
    if (readSmallFile(m_file, text, sizeof text) <= 0)
        return -1;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            ++line;
        if (strncmp(line, countKey, strlen(countKey)) == 0)
            return strtoll(line + strlen(countKey), nullptr, 10);
    }
    return -1;
}

} // namespace pmdaemon

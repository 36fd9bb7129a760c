// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/startmemory.h"

#include <cstdint>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pmdaemon {

namespace {

/// Lets go of what the program itself has mapped and cannot have changed.
int releaseSegments(dl_phdr_info *program, std::size_t, void *)
{
    const auto page = std::uintptr_t(::sysconf(_SC_PAGESIZE));
    for (int i = 0; i < program->dlpi_phnum; ++i) {
        const ElfW(Phdr) &segment = program->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0)
            continue;
        const std::uintptr_t begin = (program->dlpi_addr + segment.p_vaddr) & ~(page - 1);
        const std::uintptr_t end = program->dlpi_addr + segment.p_vaddr + segment.p_memsz;
        ::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
    }
    return 1; // the first one is the program; its libraries are others', too
}

} // namespace

void releaseFreeHeap()
{
    ::malloc_trim(0);
}

void releaseStartMemory()
{
    releaseFreeHeap();
    ::dl_iterate_phdr(releaseSegments, nullptr);
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/shim/specfile.h"

#include "core/slot/uniquefd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr off_t maxSize = 8 * 1024 * 1024;

} // namespace

SpecFile::~SpecFile()
{
    release(m_settled);
    release(m_new);
}

void SpecFile::release(Bytes &bytes)
{
    if (bytes.begin)
        ::munmap(bytes.begin, bytes.size);
    bytes = {};
}

void SpecFile::settle()
{
    if (!m_new.begin)
        return;
    release(m_settled);
    m_settled = m_new;
    m_new = {};
}

int SpecFile::load(int folder)
{
    const UniqueFd file(::openat(folder, "spec", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) != 0)
        return errno;
    if (!S_ISREG(status.st_mode) || status.st_size <= 0 || status.st_size > maxSize)
        return EINVAL;
    // Copied, not mapped: whoever cuts the file off must not be the end of the shim.
    const auto size = size_t(status.st_size);
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return errno;
    SlotSpec spec;
    const bool isRead = ::pread(file.get(), memory, size, 0) == ssize_t(size);
    if (!isRead || !parseSlotSpec(static_cast<char *>(memory), size, spec)) {
        ::munmap(memory, size);
        return EINVAL;
    }
    release(m_new);
    m_new = {static_cast<char *>(memory), size};
    m_spec = spec;
    return 0;
}

} // namespace pmdaemon

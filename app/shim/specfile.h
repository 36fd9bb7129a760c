// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/slotspec.h"

namespace pmdaemon {

/// The `spec` of a slot, held in memory as it was when it was read.
class SpecFile
{
public:
    SpecFile() = default;
    ~SpecFile();
    SpecFile(const SpecFile &) = delete;
    SpecFile &operator=(const SpecFile &) = delete;

    /// 0 or an errno (EINVAL: it is damaged), and then what was read before stays.
    int load(int folder);
    bool isLoaded() const { return m_bytes != nullptr; }
    /// Without a program before load().
    const SlotSpec &spec() const { return m_spec; }

private:
    char *m_bytes = nullptr;
    size_t m_size = 0;
    SlotSpec m_spec;
};

} // namespace pmdaemon

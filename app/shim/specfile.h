// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/slotspec.h"

namespace pmdaemon {

/// The `spec` of a slot, held in memory as it was when it was read. A new one does not take the
/// place of the one before until settle(): others may point into that.
class SpecFile
{
public:
    SpecFile() = default;
    ~SpecFile();
    SpecFile(const SpecFile &) = delete;
    SpecFile &operator=(const SpecFile &) = delete;

    /// 0 or an errno (EINVAL: it is damaged), and then what was read before stays.
    int load(int folder);
    /// Nobody points into what was loaded before the last time.
    void settle();
    /// Without a program before load().
    const SlotSpec &spec() const { return m_spec; }

private:
    struct Bytes
    {
        char *begin = nullptr;
        size_t size = 0;
    };

    static void release(Bytes &bytes);

    Bytes m_settled;
    Bytes m_new; ///< nothing when the settled one is the last
    SlotSpec m_spec;
};

} // namespace pmdaemon

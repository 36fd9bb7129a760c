// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"
#include "core/model/processspec.h"
#include "core/model/result.h"

#include <QHash>

#include <functional>
#include <map>

namespace pmdaemon {

/// Whether nobody listens on `port`, as far as a bind can tell.
using PortTest = std::function<bool(int port)>;

/// By binding the port on all addresses for a moment. A port that this user may not bind counts as
/// free: the program may be allowed to.
bool isPortFree(int port);

/// Gives ports to instances, each port to one instance at a time.
class PortAllocator
{
public:
    explicit PortAllocator(PortTest isFree);

    /// The port of the instance, its own until release(). An auto range gives the same as last time
    /// if that is still free. PortInUse, `details` {port, holder?}, when it or the whole range is
    /// taken; `holder` is the name of a managed process.
    Result<int> take(const PortSpec &spec, const ProcessEntry &instance);
    /// Whether take() would succeed once the instance has given its own port back. Nothing is said
    /// of a range.
    Result<void> check(const PortSpec &spec, const ProcessEntry &instance) const;
    /// The instance has the port already, from an earlier daemon.
    void keep(int port, const ProcessEntry &instance);
    void release(ProcessId id);
    void forget(ProcessId id);

private:
    struct Holder
    {
        ProcessId id{};
        QString name;
    };
    bool isAvailable(int port, ProcessId to) const;
    Result<int> takeOne(int port, const ProcessEntry &instance) const;
    Result<int> takeFirstFree(const PortSpec &spec, const ProcessEntry &instance);

    PortTest m_isFree;
    std::map<int, Holder> m_taken;
    QHash<ProcessId, int> m_last;
};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/healthprobe.h"

#include "core/process/httpprobe.h"
#include "core/process/scriptprobe.h"
#include "core/process/tcpprobe.h"

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

HealthProbes::HealthProbes(ProcessRunnerFactory makeRunner)
    : m_makeRunner(std::move(makeRunner))
{}

std::unique_ptr<HealthProbe> HealthProbes::make(const HealthCheckSpec &spec,
                                                const LaunchSpec &launch, std::optional<int> port)
{
    const auto withPort = [&](QString text) {
        return text.replace(u"{port}"_s, port ? QString::number(*port) : QString());
    };
    switch (spec.type) {
    case CheckType::Http:
        return std::make_unique<HttpProbe>(spec, withPort(spec.url));
    case CheckType::Tcp:
        return std::make_unique<TcpProbe>(spec.host.isEmpty() ? u"127.0.0.1"_s : spec.host,
                                          spec.port > 0 ? spec.port : port.value_or(0));
    case CheckType::Script:
        break;
    }
    return std::make_unique<ScriptProbe>(withPort(spec.script), launch, m_makeRunner);
}

} // namespace pmdaemon

#include "moc_healthprobe.cpp"

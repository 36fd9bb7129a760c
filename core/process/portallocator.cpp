// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/portallocator.h"

#include <QCoreApplication>
#include <QTcpServer>

#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(PortAllocator)
};

} // namespace

bool isPortFree(int port)
{
    QTcpServer server;
    return server.listen(QHostAddress::Any, static_cast<quint16>(port)) ||
           server.serverError() != QAbstractSocket::AddressInUseError;
}

PortAllocator::PortAllocator(PortTest isFree)
    : m_isFree(std::move(isFree))
{}

Result<int> PortAllocator::take(const PortSpec &spec, const ProcessEntry &instance)
{
    release(instance.id);
    const Result<int> port = spec.kind == PortSpec::Kind::Auto
                                 ? takeFirstFree(spec, instance)
                                 : takeOne(spec.first + instance.instance, instance);
    if (port) {
        m_taken.insert_or_assign(*port, Holder{instance.id, instance.name});
        m_last.insert(instance.id, *port);
    }
    return port;
}

Result<void> PortAllocator::check(const PortSpec &spec, const ProcessEntry &instance) const
{
    const int port = spec.first + instance.instance;
    if (spec.kind == PortSpec::Kind::Auto || instance.port == port)
        return {};
    return takeOne(port, instance).map([](int) {});
}

void PortAllocator::keep(int port, const ProcessEntry &instance)
{
    m_taken.insert_or_assign(port, Holder{instance.id, instance.name});
    m_last.insert(instance.id, port);
}

void PortAllocator::release(ProcessId id)
{
    std::erase_if(m_taken, [id](const auto &taken) { return taken.second.id == id; });
}

void PortAllocator::forget(ProcessId id)
{
    release(id);
    m_last.remove(id);
}

bool PortAllocator::isAvailable(int port, ProcessId to) const
{
    const auto taken = m_taken.find(port);
    return (taken == m_taken.end() || taken->second.id == to) && m_isFree(port);
}

Result<int> PortAllocator::takeOne(int port, const ProcessEntry &instance) const
{
    if (const auto taken = m_taken.find(port); taken != m_taken.end())
        return fail(ErrorCode::PortInUse,
                    Words::tr("port %1 is in use by the process %2; stop that, or give %3 another "
                              "port")
                        .arg(QString::number(port), taken->second.name, instance.name),
                    {{u"port"_s, port}, {u"holder"_s, taken->second.name}});
    if (!m_isFree(port))
        return fail(ErrorCode::PortInUse,
                    Words::tr("port %1 is in use by a program that is not managed here; end that, "
                              "or give %2 another port")
                        .arg(QString::number(port), instance.name),
                    {{u"port"_s, port}});
    return port;
}

Result<int> PortAllocator::takeFirstFree(const PortSpec &spec, const ProcessEntry &instance)
{
    const int last = m_last.value(instance.id);
    if (last >= spec.first && last <= spec.last && isAvailable(last, instance.id))
        return last;
    for (int port = spec.first; port <= spec.last; ++port) {
        if (isAvailable(port, instance.id))
            return port;
    }
    return fail(ErrorCode::PortInUse,
                Words::tr("none of the ports %1 to %2 is free for %3; give it a wider range")
                    .arg(QString::number(spec.first), QString::number(spec.last), instance.name),
                {{u"port"_s, spec.first}});
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/remotebackend.h"
#include "server/gateway.h"
#include "tests/support/backendcontract.h"

#include <QCoreApplication>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A house behind its gateway, seen through a WebSocket.
class RemoteHouse : public test::BackendUnderTest
{
public:
    RemoteHouse()
        : m_gateway(m_house.backend, settings(m_house.home()), {})
    {
        const Result<void> listening = m_gateway.listen();
        if (!listening)
            qFatal("%s", qPrintable(listening.error().message));
        m_remote = std::make_unique<RemoteBackend>(
            Endpoint{.url = QUrl(u"ws://127.0.0.1:%1/ws"_s.arg(m_gateway.port()))});
        m_remote->open();
        const bool isLive = QTest::qWaitFor(
            [this] { return m_remote->connectionState() == ConnectionState::Live; }, 30'000);
        if (!isLive)
            qFatal("the remote backend did not become live");
    }

    Backend &backend() override { return *m_remote; }
    test::LocalHouse &house() override { return m_house; }

private:
    static Settings settings(const QString &home)
    {
        Settings settings;
        settings.home = home;
        settings.hosts = {u"127.0.0.1"_s};
        settings.port = 0;
        return settings;
    }

    test::LocalHouse m_house;
    Gateway m_gateway;
    std::unique_ptr<RemoteBackend> m_remote;
};

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    test::BackendContract contract([] { return std::make_unique<RemoteHouse>(); });
    return QTest::qExec(&contract, argc, argv);
}

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// What broadcasting costs the daemon: CPU time of the serving process per tick of metrics, with
// subscribers in a process of their own.
//   bench_broadcast [SUBSCRIBERS [PROCESSES [TICKS]]]

#include "server/gateway.h"
#include "tests/support/fakebackend.h"

#include <QCoreApplication>
#include <QLoggingCategory>
#include <QProcess>
#include <QWebSocket>

#include <cstdio>
#include <sys/resource.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

constexpr milliseconds Interval{1'000};
constexpr int TickEvery = 20; ///< ms between ticks here, so that many fit into a short run

double cpuSeconds()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) {
        return double(t.tv_sec) + double(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The other process: subscribes, counts, and tells on stdout when everybody has the first frame.
int runClients(const QString &url, int count)
{
    std::vector<std::unique_ptr<QWebSocket>> sockets;
    int ready = 0;
    for (int i = 0; i < count; ++i) {
        auto socket = std::make_unique<QWebSocket>();
        QObject::connect(socket.get(), &QWebSocket::connected, qApp, [socket = socket.get()] {
            socket->sendTextMessage(u"{\"type\":\"subscribe\",\"data\":{\"events\":"
                                    "[\"process_metrics\"],\"interval\":1000}}"_s);
        });
        QObject::connect(socket.get(), &QWebSocket::textMessageReceived, qApp,
                         [&ready, count, first = true](const QString &) mutable {
                             if (std::exchange(first, false) && ++ready == count) {
                                 std::puts("ready");
                                 std::fflush(stdout);
                             }
                         });
        QObject::connect(socket.get(), &QWebSocket::disconnected, qApp, &QCoreApplication::quit);
        socket->open(QUrl(url));
        sockets.push_back(std::move(socket));
    }
    return QCoreApplication::exec();
}

int runServer(int subscribers, int processes, int ticks)
{
    FakeBackend backend;
    for (int id = 0; id < processes; ++id)
        backend.add(FakeBackend::entry(id, u"service-%1"_s.arg(id)));
    Settings settings;
    settings.port = 0;
    Gateway gateway(backend, settings, {});
    if (const Result<void> listening = gateway.listen(); !listening)
        qFatal("%s", qPrintable(listening.error().message));

    QProcess clients;
    clients.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    int left = ticks;
    double began = 0;
    QTimer ticker;
    QObject::connect(&ticker, &QTimer::timeout, &backend, [&] {
        backend.tick(Interval);
        if (--left == 0)
            QCoreApplication::quit();
    });
    QObject::connect(&clients, &QProcess::readyReadStandardOutput, &backend, [&] {
        began = cpuSeconds();
        ticker.start(TickEvery);
    });
    clients.start(QCoreApplication::applicationFilePath(),
                  {u"--clients"_s, u"ws://127.0.0.1:%1/ws"_s.arg(gateway.port()),
                   QString::number(subscribers)});
    QCoreApplication::exec();
    const double perTick = (cpuSeconds() - began) / ticks;
    std::printf("%d subscribers, %d processes, %d ticks: %.0f us CPU per tick, "
                "%.2f us per delivered frame, %.3f %% of a core at one tick a second\n",
                subscribers, processes, ticks, perTick * 1e6, perTick * 1e6 / subscribers,
                perTick * 100);
    gateway.close();
    clients.waitForFinished();
    return perTick < 0.01 ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication::setLibraryPaths({}); // no TLS here, as in the daemon, and no words about it
    QLoggingCategory::setFilterRules(u"qt.network.ssl*=false"_s);
    const QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments().sliced(1);
    if (arguments.value(0) == "--clients"_L1)
        return runClients(arguments.value(1), arguments.value(2).toInt());
    const auto number = [&](int index, const char *otherwise) {
        return arguments.value(index, QString::fromLatin1(otherwise)).toInt();
    };
    return runServer(number(0, "100"), number(1, "200"), number(2, "300"));
}

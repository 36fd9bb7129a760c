// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/healthprobe.h"
#include "core/process/scriptrunner.h"
#include "tests/support/comparenames.h"

#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QSslKey>
#include <QSslServer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

Q_DECLARE_METATYPE(pmdaemon::ProbeResult)

namespace {

/// Answers every request with one text.
template <class Server = QTcpServer>
class Answerer
{
public:
    explicit Answerer(const QByteArray &answer)
    {
        m_server.listen(QHostAddress::LocalHost, 0);
        QObject::connect(
            &m_server, &QTcpServer::pendingConnectionAvailable, &m_server, [this, answer] {
                QTcpSocket *socket = m_server.nextPendingConnection();
                QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket, answer] {
                    request += socket->readAll();
                    if (!request.contains("\r\n\r\n") || answer.isEmpty())
                        return;
                    socket->write(answer);
                    socket->disconnectFromHost();
                });
            });
    }

    int port() const { return m_server.serverPort(); }

    QByteArray request;
    Server m_server;
};

LaunchSpec launch(const QString &folder)
{
    LaunchSpec made;
    made.workingDirectory = folder;
    made.environment = QProcessEnvironment::systemEnvironment().toStringList();
    made.environment.append(u"PROBED=yes"_s);
    return made;
}

} // namespace

class TestHealthProbe : public QObject
{
    Q_OBJECT

    Subreaper m_subreaper;
    HealthProbes m_probes{[this] { return std::make_unique<ScriptRunner>(m_subreaper); }};
    QTemporaryDir m_dir;

    ProbeResult look(HealthProbe &probe)
    {
        QSignalSpy finished(&probe, &HealthProbe::finished);
        probe.start();
        return QTest::qWaitFor([&] { return !finished.isEmpty(); }, 20'000)
                   ? finished[0][0].value<ProbeResult>()
                   : ProbeResult{ProbeOutcome::NotRun, {}, u"nothing came"_s};
    }

    ProbeResult look(const HealthCheckSpec &spec, std::optional<int> port)
    {
        return look(*m_probes.make(spec, launch(m_dir.path()), port));
    }

    static HealthCheckSpec script(const QString &commandLine)
    {
        HealthCheckSpec spec;
        spec.type = CheckType::Script;
        spec.script = commandLine;
        return spec;
    }

private slots:
    void http_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QList<int>>("expectedStatus");
        QTest::addColumn<QString>("expectedBody");
        QTest::addColumn<bool>("passes");
        const QByteArray ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine\n";
        const QByteArray gone = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        const QByteArray moved =
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        const QByteArray endless =
            "HTTP/1.1 200 OK\r\n\r\n" + QByteArray(1'000'000, 'x') + "needle";
        QTest::newRow("200") << ok << QList<int>{} << QString() << true;
        QTest::newRow("body") << ok << QList<int>{} << u"fine"_s << true;
        QTest::newRow("other body") << ok << QList<int>{} << u"bad"_s << false;
        QTest::newRow("404") << gone << QList<int>{} << QString() << false;
        QTest::newRow("404 expected") << gone << QList<int>{404} << QString() << true;
        QTest::newRow("200 not expected") << ok << QList<int>{204} << QString() << false;
        QTest::newRow("redirect") << moved << QList<int>{} << QString() << false;
        QTest::newRow("too far in the body") << endless << QList<int>{} << u"needle"_s << false;
        QTest::newRow("long body") << endless << QList<int>{} << u"x"_s << true;
    }
    void http()
    {
        QFETCH(const QByteArray, answer);
        QFETCH(const QList<int>, expectedStatus);
        QFETCH(const QString, expectedBody);
        QFETCH(const bool, passes);
        Answerer server(answer);
        HealthCheckSpec spec;
        spec.url = u"http://127.0.0.1:{port}/health"_s;
        spec.expectedStatus = expectedStatus;
        spec.expectedBody = expectedBody;
        spec.headers = {{u"X-Probe"_s, u"yes"_s}};
        const ProbeResult result = look(spec, server.port());
        QVERIFY2((result.outcome == ProbeOutcome::Passed) == passes, qPrintable(result.error));
        QVERIFY(result.details["status_code"_L1].toInt() >= 200);
        QVERIFY(server.request.startsWith("GET /health HTTP/1.1\r\n"));
        QVERIFY(server.request.contains("X-Probe: yes\r\n"));
        QVERIFY(!server.request.toLower().contains("h2c"));
    }

    void httpSaysWhoItIs()
    {
        Answerer server("HTTP/1.1 204 Well\r\n\r\n");
        HealthCheckSpec spec;
        spec.url = u"http://ann:b%C3%A9@localhost:{port}/a%20b?c=d%26e"_s;
        spec.headers = {{u"user-agent"_s, u"me"_s}};
        QVERIFY(look(spec, server.port()).outcome == ProbeOutcome::Passed);
        const QList<QByteArray> lines = server.request.split('\n');
        QCOMPARE(lines[0], "GET /a%20b?c=d%26e HTTP/1.1\r");
        QVERIFY(lines.contains("Host: localhost:" + QByteArray::number(server.port()) + '\r'));
        QVERIFY(lines.contains("Authorization: Basic " + QByteArray("ann:bé").toBase64() + '\r'));
        QVERIFY(lines.contains("Connection: close\r"));
        QVERIFY(lines.contains("user-agent: me\r"));
        QVERIFY(!server.request.contains("User-Agent"));
    }

    void httpNamesWhatIsNoAnswer()
    {
        HealthCheckSpec spec;
        spec.url = u"http://127.0.0.1:{port}/"_s;
        for (const char *const answer :
             {"SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"}) {
            Answerer server(answer);
            const ProbeResult result = look(spec, server.port());
            QVERIFY(result.outcome == ProbeOutcome::Failed);
            QVERIFY(result.details["status_code"_L1].isNull());
            QVERIFY(!result.error.isEmpty());
        }
    }

    void httpRefusedIsAFailure()
    {
        HealthCheckSpec spec;
        spec.url = u"http://127.0.0.1:1/"_s;
        const ProbeResult result = look(spec, {});
        QVERIFY(result.outcome == ProbeOutcome::Failed);
        QVERIFY(result.details["status_code"_L1].isNull());
        QVERIFY(!result.error.isEmpty());
    }

    void httpWithoutAUrlSaysNothing()
    {
        HealthCheckSpec spec;
        for (const QString &url : {u"ftp://x/"_s, u"http://:80/"_s, u"nothing"_s, QString()}) {
            spec.url = url;
            QVERIFY(look(spec, {}).outcome == ProbeOutcome::NotRun);
        }
    }

    void httpCanBeAborted()
    {
        Answerer silent(QByteArray{});
        HealthCheckSpec spec;
        spec.url = u"http://127.0.0.1:{port}/"_s;
        const auto probe = m_probes.make(spec, launch(m_dir.path()), silent.port());
        QSignalSpy finished(probe.get(), &HealthProbe::finished);
        probe->start();
        QTRY_VERIFY(!silent.request.isEmpty());
        probe->abort();
        QVERIFY(!finished.wait(100));
    }

    void httpDoesNotLoadOpenSsl()
    {
        QFile maps(u"/proc/self/maps"_s);
        QVERIFY(maps.open(QIODevice::ReadOnly));
        QVERIFY(!maps.readAll().contains("libssl"));
    }

    void httpsTakesTrustedCertificatesOnly()
    {
        const QString key = m_dir.filePath(u"key"_s);
        const QString certificate = m_dir.filePath(u"certificate"_s);
        QProcess openssl;
        openssl.start(u"openssl"_s, {u"req"_s, u"-x509"_s, u"-newkey"_s, u"rsa:2048"_s, u"-nodes"_s,
                                     u"-days"_s, u"2"_s, u"-subj"_s, u"/CN=localhost"_s,
                                     u"-addext"_s, u"subjectAltName=DNS:localhost"_s, u"-keyout"_s,
                                     key, u"-out"_s, certificate});
        QVERIFY(openssl.waitForFinished());
        QCOMPARE(openssl.exitCode(), 0);
        QFile keyFile(key);
        QVERIFY(keyFile.open(QIODevice::ReadOnly));
        const QList<QSslCertificate> chain = QSslCertificate::fromPath(certificate);
        QSslConfiguration shown = QSslConfiguration::defaultConfiguration();
        shown.setPrivateKey(QSslKey(&keyFile, QSsl::Rsa));
        shown.setLocalCertificateChain(chain);
        Answerer<QSslServer> server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        server.m_server.setSslConfiguration(shown);

        HealthCheckSpec spec;
        spec.url = u"https://localhost:{port}/"_s;
        spec.expectedBody = u"fine"_s;
        const ProbeResult refused = look(spec, server.port());
        QVERIFY(refused.outcome == ProbeOutcome::Failed);
        QVERIFY2(refused.error.contains("self-signed"_L1), qPrintable(refused.error));
        QVERIFY(server.request.isEmpty());

        const QSslConfiguration before = QSslConfiguration::defaultConfiguration();
        QSslConfiguration trusting = before;
        trusting.addCaCertificates(chain);
        QSslConfiguration::setDefaultConfiguration(trusting);
        const auto probe = m_probes.make(spec, launch(m_dir.path()), server.port());
        const ProbeResult first = look(*probe);
        const ProbeResult second = look(*probe);
        QSslConfiguration::setDefaultConfiguration(before);
        QVERIFY2(first.outcome == ProbeOutcome::Passed, qPrintable(first.error));
        QVERIFY2(second.outcome == ProbeOutcome::Passed, qPrintable(second.error));
    }

    void tcp()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost, 0));
        HealthCheckSpec spec;
        spec.type = CheckType::Tcp;
        const int port = server.serverPort();
        QVERIFY(look(spec, port).outcome == ProbeOutcome::Passed);
        spec.port = port;
        QVERIFY(look(spec, {}).outcome == ProbeOutcome::Passed);
        server.close();
        const ProbeResult refused = look(spec, {});
        QVERIFY(refused.outcome == ProbeOutcome::Failed);
        QVERIFY(!refused.error.isEmpty());
        spec.port = 0;
        QVERIFY(look(spec, {}).outcome == ProbeOutcome::NotRun);
        spec.port = port;
        QCOMPARE(m_probes.make(spec, {}, {})->subject(),
                 (QJsonObject{{u"host"_s, u"127.0.0.1"_s}, {u"port"_s, port}}));
    }

    void scriptPassesWhenItExitsZero()
    {
        const ProbeResult passed = look(script(u"/bin/true"_s), {});
        QVERIFY(passed.outcome == ProbeOutcome::Passed);
        QCOMPARE(passed.details["exit_code"_L1], QJsonValue(0));
        const ProbeResult failed = look(script(u"sh -c \"exit 3\""_s), {});
        QVERIFY(failed.outcome == ProbeOutcome::Failed);
        QCOMPARE(failed.details["exit_code"_L1], QJsonValue(3));
        const ProbeResult killed = look(script(u"sh -c \"kill -9 $$\""_s), {});
        QVERIFY(killed.outcome == ProbeOutcome::Failed);
        QVERIFY(killed.error.contains("SIGKILL"_L1));
    }

    void scriptSeesItsProcess()
    {
        QVERIFY(look(script(u"sh -c \"test $PROBED-{port} = yes-3000 && test $PWD = %1\""_s.arg(
                         m_dir.path())),
                     3000)
                    .outcome == ProbeOutcome::Passed);
    }

    void scriptThatCannotRunSaysNothing()
    {
        for (const QString &line : {u"/no/such/probe"_s, u"no-such-probe"_s, u" "_s}) {
            const ProbeResult result = look(script(line), {});
            QVERIFY(result.outcome == ProbeOutcome::NotRun);
            QVERIFY(!result.error.isEmpty());
        }
    }

    void scriptIsFoundInTheFolder()
    {
        QFile file(m_dir.filePath(u"check.sh"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("#!/bin/sh\nexit 4\n");
        file.close();
        const ProbeResult closed = look(script(u"check.sh"_s), {});
        QVERIFY(closed.outcome == ProbeOutcome::NotRun);
        QVERIFY2(closed.error.contains("x permission"_L1), qPrintable(closed.error));
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
        QCOMPARE(look(script(u"check.sh"_s), {}).details["exit_code"_L1], QJsonValue(4));
        QCOMPARE(look(script(u"./check.sh"_s), {}).details["exit_code"_L1], QJsonValue(4));
    }

    /// One child in the script's session, one in its own, one whose parents have gone.
    void scriptLeavesNothing_data()
    {
        QTest::addColumn<bool>("ends");
        QTest::newRow("aborted") << false;
        QTest::newRow("passed") << true;
    }
    void scriptLeavesNothing()
    {
        QFETCH(const bool, ends);
        const QString pids = m_dir.filePath(ends ? u"pids-ended"_s : u"pids-aborted"_s);
        const QString line =
            u"sh -c \"sleep 600 & echo $! >> %1; setsid sleep 601 & echo $! >> %1; "
            "(setsid sh -c 'echo \\$\\$ >> %1; exec sleep 602' &); "
            "while test $(wc -l < %1) -lt 3; do sleep 0.01; done; echo all >> %1; %2\""_s.arg(
                pids, ends ? u"exit 0"_s : u"wait"_s);
        const auto probe = m_probes.make(script(line), launch(m_dir.path()), {});
        QSignalSpy finished(probe.get(), &HealthProbe::finished);
        probe->start();
        const auto written = [&pids] {
            QFile file(pids);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QTRY_VERIFY_WITH_TIMEOUT(written().contains("all"), 20'000);
        if (ends)
            QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 20'000);
        else
            probe->abort();
        QList<QByteArray> children = written().trimmed().split('\n');
        children.removeLast();
        QCOMPARE(children.size(), 3);
        const auto runs = [](const QByteArray &pid) {
            QFile stat(u"/proc/%1/stat"_s.arg(QString::fromLatin1(pid)));
            return stat.open(QIODevice::ReadOnly) && !stat.readAll().contains(") Z ");
        };
        for (const QByteArray &pid : children)
            QTRY_VERIFY_WITH_TIMEOUT(!runs(pid), 20'000);
        QCOMPARE(finished.size(), ends ? 1 : 0);
    }
};

QTEST_GUILESS_MAIN(TestHealthProbe)
#include "tst_healthprobe.moc"

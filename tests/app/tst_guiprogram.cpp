// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/rundirectory.h"

#include <QFile>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {
constexpr int patience = 60'000;
}

/// The real program, without a display.
class TestGuiProgram : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void helpNeedsNoDisplay_data();
    void helpNeedsNoDisplay();
    void listensWhereTheSettingsSay();
    void tellsWhatIsWrongInTheSettings();

private:
    void launch(const QStringList &arguments);
    void writeSettings(const QByteArray &text);

    std::unique_ptr<QTemporaryDir> m_home;
    QProcessEnvironment m_environment;
    std::unique_ptr<QProcess> m_program;
};

void TestGuiProgram::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    QVERIFY(m_home->isValid());
    m_environment = QProcessEnvironment::systemEnvironment();
    for (const QString &name : m_environment.keys()) {
        if (name.startsWith("PMDAEMON_"_L1) || name == "DISPLAY"_L1 || name == "WAYLAND_DISPLAY"_L1)
            m_environment.remove(name);
    }
    m_environment.insert(u"XDG_CONFIG_HOME"_s, m_home->path());
}

void TestGuiProgram::cleanup()
{
    if (m_program->state() != QProcess::NotRunning) {
        m_program->kill();
        QVERIFY(m_program->waitForFinished(patience));
    }
    m_program.reset();
}

void TestGuiProgram::launch(const QStringList &arguments)
{
    m_program = std::make_unique<QProcess>();
    m_program->setProcessEnvironment(m_environment);
    m_program->start(QStringLiteral(PMDAEMON_GUI_PROGRAM), arguments);
}

void TestGuiProgram::writeSettings(const QByteArray &text)
{
    QFile file(m_home->filePath(u"pmdaemon.toml"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(text), text.size());
}

void TestGuiProgram::helpNeedsNoDisplay_data()
{
    QTest::addColumn<QString>("option");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("help") << u"--help"_s << QByteArray("--connect");
    QTest::newRow("version") << u"--version"_s << QByteArray("pmdaemon-gui ");
}

void TestGuiProgram::helpNeedsNoDisplay()
{
    QFETCH(QString, option);
    QFETCH(QByteArray, expected);
    m_environment.insert(u"QT_QPA_PLATFORM"_s, u"xcb"_s);
    launch({option});
    QVERIFY(m_program->waitForFinished(patience));
    QCOMPARE(m_program->exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_program->exitCode(), 0);
    QVERIFY(m_program->readAllStandardOutput().contains(expected));
}

void TestGuiProgram::listensWhereTheSettingsSay()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const int port = server.serverPort();
    server.close();
    writeSettings("port = " + QByteArray::number(port) + "\nhost = [\"127.0.0.1\"]\n");
    launch({u"--home"_s, m_home->path()});
    const auto address = [this] { return readDaemonAddress(m_home->filePath(u"run"_s)); };
    QTRY_VERIFY_WITH_TIMEOUT(address(), patience);
    QCOMPARE(address()->port, port);
    QCOMPARE(address()->hosts, QStringList{u"127.0.0.1"_s});
    m_program->terminate();
    QVERIFY(m_program->waitForFinished(patience));
    QCOMPARE(m_program->exitCode(), 0);
}

void TestGuiProgram::tellsWhatIsWrongInTheSettings()
{
    writeSettings("prot = 1\n");
    launch({u"--home"_s, m_home->path()});
    QByteArray told;
    QTRY_VERIFY_WITH_TIMEOUT((told += m_program->readAllStandardError()).contains("prot"),
                             patience);
    QVERIFY(told.contains("pmdaemon.toml"));
}

QTEST_GUILESS_MAIN(TestGuiProgram)
#include "tst_guiprogram.moc"

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/rundirectory.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestRunDirectory : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        QVERIFY(m_home->isValid());
    }

    void makesAFolderThatNobodyElseCanEnter()
    {
        const auto directory = RunDirectory::claim(home(), run());
        QVERIFY(directory);
        struct stat info;
        QCOMPARE(::stat(QFile::encodeName(run()).constData(), &info), 0);
        QCOMPARE(info.st_mode & 0777, 0700U);
    }

    void refusesAFolderThatOthersCanEnter()
    {
        QVERIFY(QDir().mkpath(run()));
        ::chmod(QFile::encodeName(run()).constData(), 0755);
        const auto directory = RunDirectory::claim(home(), run());
        QVERIFY(!directory);
        QCOMPARE(toString(directory.error().code), toString(ErrorCode::StartFailed));
        QVERIFY2(directory.error().message.contains("chmod 700"_L1),
                 qPrintable(directory.error().message));
    }

    void refusesASecondDaemonAndNamesTheFirst()
    {
        const auto first = RunDirectory::claim(home(), run());
        QVERIFY(first);
        // A process is not in its own way, so the second one is another.
        const pid_t other = ::fork();
        if (other == 0) {
            const auto second = RunDirectory::claim(home(), run());
            ::_exit(!second && second.error().code == ErrorCode::AlreadyRunning &&
                            second.error().details["pid"_L1].toInteger() == ::getppid()
                        ? 0
                        : 1);
        }
        int status = -1;
        QCOMPARE(::waitpid(other, &status, 0), other);
        QCOMPARE(status, 0);
    }

    void isFreeAgainAfterTheFirstDaemonEnded()
    {
        QVERIFY(RunDirectory::claim(home(), run()));
        QVERIFY(RunDirectory::claim(home(), run()));
    }

    void keepsOneTokenOverRestarts()
    {
        QByteArray token;
        {
            const auto first = RunDirectory::claim(home(), run());
            token = (*first)->token().value();
            QVERIFY(isWellFormedToken(token));
        }
        const auto second = RunDirectory::claim(home(), run());
        QCOMPARE((*second)->token().value(), token);
        QCOMPARE(readLocalToken(run()).value(), token);
    }

    void writesTheTokenForItsOwnerOnlyWhateverTheUmask()
    {
        const mode_t before = ::umask(0);
        const auto directory = RunDirectory::claim(home(), run());
        const auto token = (*directory)->token();
        ::umask(before);
        QVERIFY(token);
        struct stat info;
        QCOMPARE(::stat(QFile::encodeName(run() + "/token"_L1).constData(), &info), 0);
        QCOMPARE(info.st_mode & 0777, 0600U);
    }

    void refusesATokenThatOthersCanRead()
    {
        const auto directory = RunDirectory::claim(home(), run());
        write("token"_L1, generateToken(), 0644);
        QCOMPARE(toString((*directory)->token().error().code), toString(ErrorCode::StartFailed));
        QCOMPARE(toString(readLocalToken(run()).error().code), toString(ErrorCode::Unauthorized));
    }

    void refusesATokenBehindASymbolicLink()
    {
        const auto directory = RunDirectory::claim(home(), run());
        write("elsewhere"_L1, generateToken(), 0600);
        QVERIFY(QFile::link(run() + "/elsewhere"_L1, run() + "/token"_L1));
        QVERIFY(!(*directory)->token());
        QVERIFY(!readLocalToken(run()));
    }

    void refusesWhatIsNoToken()
    {
        const auto directory = RunDirectory::claim(home(), run());
        write("token"_L1, "hunter2\n", 0600);
        QVERIFY((*directory)->token().error().message.contains("no token"_L1));
    }

    void publishesItsAddressWhileItLives()
    {
        const DaemonAddress address{42, {u"127.0.0.1"_s, u"::1"_s}, 9615};
        {
            const auto directory = RunDirectory::claim(home(), run());
            QVERIFY((*directory)->publish(address));
            QCOMPARE(readDaemonAddress(run()).value(), address);
        }
        QCOMPARE(toString(readDaemonAddress(run()).error().code), toString(ErrorCode::Unreachable));
    }

    void saysWhatIsWrongWithAnAddress()
    {
        const auto directory = RunDirectory::claim(home(), run());
        for (const char *text : {"", "{", "[]", R"({"pid":1,"port":0,"hosts":["::1"]})"}) {
            write("daemon.json"_L1, text, 0600);
            QCOMPARE(toString(readDaemonAddress(run()).error().code),
                     toString(ErrorCode::Unreachable));
        }
    }

    void bracketsIpv6InUrls()
    {
        QCOMPARE((DaemonAddress{1, {u"::1"_s}, 80}.url()), u"ws://[::1]:80/ws"_s);
        QCOMPARE((DaemonAddress{1, {u"127.0.0.1"_s}, 80}.url()), u"ws://127.0.0.1:80/ws"_s);
    }

    void tellsATypingErrorInAToken()
    {
        QByteArray token = generateToken();
        QVERIFY(isWellFormedToken(token));
        QVERIFY(token != generateToken());
        token[10] = token[10] == 'a' ? 'b' : 'a';
        QVERIFY(!isWellFormedToken(token));
        QVERIFY(!isWellFormedToken({}));
    }

private:
    QString home() const { return m_home->filePath(u"home"_s); }
    QString run() const { return m_home->filePath(u"home/run"_s); }
    void write(QLatin1StringView name, const QByteArray &text, mode_t mode)
    {
        QFile file(run() + u'/' + name);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(file.write(text), text.size());
        file.close();
        QCOMPARE(::chmod(QFile::encodeName(file.fileName()).constData(), mode), 0);
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

QTEST_GUILESS_MAIN(TestRunDirectory)
#include "tst_rundirectory.moc"

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/programtalk.h"

#include <QTest>

#include <cstddef>
#include <sys/socket.h>
#include <sys/un.h>

using namespace pmdaemon;

namespace {

constexpr uint8_t secret[NotifySocket::SecretSize] = {0x01, 0xab, 0xff};

/// Sends to the socket that the variable names; 0 or an errno.
int notify(const NotifySocket &socket, const QByteArray &text)
{
    const QByteArray name = QByteArray(socket.variable().text()).mid(qstrlen("NOTIFY_SOCKET="));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, name.constData(), size_t(name.size()));
    address.sun_path[0] = '\0';
    const UniqueFd sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + size_t(name.size()));
    const auto *target = reinterpret_cast<const sockaddr *>(&address);
    return ::sendto(sender.get(), text.constData(), size_t(text.size()), 0, target, length) < 0
               ? errno
               : 0;
}

void write(int fd, const QByteArray &bytes)
{
    QCOMPARE(::send(fd, bytes.constData(), size_t(bytes.size()), 0), bytes.size());
}

} // namespace

class TestProgramTalk : public QObject
{
    Q_OBJECT

private slots:
    void namesTheSocketByItsSecret()
    {
        NotifySocket socket;
        QCOMPARE(socket.open(secret), 0);
        QCOMPARE(QByteArray(socket.variable().text()),
                 "NOTIFY_SOCKET=@pmdaemon-01abff00000000000000000000000000");
        NotifySocket other;
        QCOMPARE(other.open(secret), EADDRINUSE);
    }

    void tellsReady_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isReady");
        QTest::newRow("alone") << QByteArray("READY=1") << true;
        QTest::newRow("with a newline") << QByteArray("READY=1\n") << true;
        QTest::newRow("among others") << QByteArray("STATUS=a\nREADY=1\nMAINPID=3") << true;
        QTest::newRow("nothing") << QByteArray() << false;
        QTest::newRow("another value") << QByteArray("READY=0") << false;
        QTest::newRow("longer") << QByteArray("READY=11") << false;
        QTest::newRow("within") << QByteArray("STATUS=READY=1") << false;
        QTest::newRow("NULs") << QByteArray("READY=1\0", 8) << false;
        QTest::newRow("long") << QByteArray(9'000, 'x') + "\nREADY=1" << false;
    }

    void tellsReady()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, isReady);
        NotifySocket socket;
        QCOMPARE(socket.open(secret), 0);
        QCOMPARE(notify(socket, text), 0);
        QCOMPARE(socket.takeReady(::geteuid()), isReady);
        QVERIFY(!socket.takeReady(::geteuid())); // it was taken
    }

    void believesOneOfSeveral()
    {
        NotifySocket socket;
        QCOMPARE(socket.open(secret), 0);
        for (const char *text : {"STATUS=a", "READY=1", "STATUS=b"})
            QCOMPARE(notify(socket, text), 0);
        QVERIFY(socket.takeReady(::geteuid()));
    }

    void readsMessagesInPieces()
    {
        NodeChannel channel;
        QCOMPARE(channel.open(), 0);
        const int child = channel.childEnd();
        QVERIFY(!channel.takeReady());
        for (const char *piece : {"{\"cmd\":\"x\"}\n\"re", "ad"}) {
            write(child, piece);
            QVERIFY(!channel.takeReady());
        }
        write(child, "y\"\n");
        QVERIFY(channel.takeReady());
    }

    void takesNoOtherMessageForReady()
    {
        NodeChannel channel;
        QCOMPARE(channel.open(), 0);
        write(channel.childEnd(), "ready\n\"ready \"\n\"Ready\"\n" + QByteArray(300, 'x') +
                                      "\"ready\"\n\"ready\"x\n\n");
        QVERIFY(!channel.takeReady());
    }

    void closesItselfWhenTheChildHas()
    {
        NodeChannel channel;
        QCOMPARE(channel.open(), 0);
        QVERIFY(channel.sendShutdown());
        channel.closeChildEnd();
        QVERIFY(!channel.takeReady());
        QCOMPARE(channel.descriptor(), -1);
        QVERIFY(!channel.sendShutdown());
    }
};

QTEST_GUILESS_MAIN(TestProgramTalk)
#include "tst_programtalk.moc"

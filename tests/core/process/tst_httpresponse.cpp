// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/httpresponse.h"

#include <QTest>

using namespace pmdaemon;
using State = HttpResponse::State;

Q_DECLARE_METATYPE(pmdaemon::HttpResponse::State)

class TestHttpResponse : public QObject
{
    Q_OBJECT

private slots:
    void reads_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<State>("state");
        QTest::addColumn<State>("atTheEnd");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        const auto done = State::Complete;
        QTest::newRow("length") << ok + "Content-Length: 4\r\n\r\nfine" << done << done << 200
                                << QByteArray("fine");
        QTest::newRow("nothing behind the length")
            << ok + "Content-Length: 4\r\n\r\nfineHTTP/1.1 500" << done << done << 200
            << QByteArray("fine");
        QTest::newRow("chunks")
            << ok + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nfin\r\n1\r\ne\r\n0\r\nA: b\r\n\r\n"
            << done << done << 200 << QByteArray("fine");
        QTest::newRow("until the end")
            << ok + "\r\nfine" << State::Incomplete << done << 200 << QByteArray("fine");
        QTest::newRow("none") << QByteArray("HTTP/1.1 204 No Content\r\n\r\n") << done << done
                              << 204 << QByteArray();
        QTest::newRow("1.0") << QByteArray("HTTP/1.0 503 Down\r\n\r\nfine") << State::Incomplete
                             << done << 503 << QByteArray("fine");
        QTest::newRow("interim answers")
            << "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + ok +
                   "Content-Length: 4\r\n\r\nfine"
            << done << done << 200 << QByteArray("fine");
        QTest::newRow("too short") << ok + "Content-Length: 5\r\n\r\nfine" << State::Incomplete
                                   << State::Broken << 200 << QByteArray("fine");
        QTest::newRow("chunk cut off")
            << ok + "Transfer-Encoding: chunked\r\n\r\n8\r\nfine" << State::Incomplete
            << State::Broken << 200 << QByteArray("fine");
        QTest::newRow("head cut off")
            << ok + "Content-Le" << State::Incomplete << State::Broken << 0 << QByteArray();
        QTest::newRow("only an interim answer")
            << QByteArray("HTTP/1.1 102 Processing\r\n\r\n") << State::Incomplete << State::Broken
            << 0 << QByteArray();
        QTest::newRow("nothing") << QByteArray() << State::Incomplete << State::Broken << 0
                                 << QByteArray();
        QTest::newRow("garbage") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n\r\n") << State::Broken
                                 << State::Broken << 0 << QByteArray();
    }
    void reads()
    {
        QFETCH(const QByteArray, answer);
        QFETCH(const State, state);
        QFETCH(const State, atTheEnd);
        QFETCH(const int, status);
        QFETCH(const QByteArray, body);
        for (const qsizetype piece : {answer.size() + 1, qsizetype{7}, qsizetype{1}}) {
            HttpResponse response;
            State reached = State::Incomplete;
            for (qsizetype at = 0; at < answer.size() && reached == State::Incomplete; at += piece)
                reached = response.feed(answer.mid(at, piece));
            QVERIFY2(reached == state, qPrintable(QString::number(piece) + response.error()));
            if (reached == State::Incomplete)
                reached = response.end();
            QVERIFY2(reached == atTheEnd, qPrintable(QString::number(piece) + response.error()));
            QCOMPARE(response.error().isEmpty(), reached == State::Complete);
            QCOMPARE(response.status(), status);
            QCOMPARE(response.body(), body);
        }
    }

    void readsNoFurtherThanItHasToLook()
    {
        for (const QByteArray &framing :
             {QByteArray(), QByteArray("Content-Length: 10000000000\r\n")}) {
            HttpResponse response;
            QVERIFY(response.feed("HTTP/1.1 200 OK\r\n" + framing + "\r\n") == State::Incomplete);
            const QByteArray piece(1000, 'x');
            int pieces = 0;
            while (response.feed(piece) == State::Incomplete)
                QVERIFY(++pieces <= HttpResponse::MaxBody / piece.size());
            QCOMPARE(response.body(), QByteArray(HttpResponse::MaxBody, 'x'));
        }
    }

    void refusesAHeadWithoutEnd()
    {
        HttpResponse response;
        State state = response.feed("HTTP/1.1 200 OK\r\n");
        int fields = 0;
        for (; state == State::Incomplete && fields < 100'000; ++fields)
            state = response.feed("A: " + QByteArray(100, 'b') + "\r\n");
        QVERIFY(state == State::Broken);
        QVERIFY(fields < 1000);
    }
};

QTEST_GUILESS_MAIN(TestHttpResponse)

#include "tst_httpresponse.moc"

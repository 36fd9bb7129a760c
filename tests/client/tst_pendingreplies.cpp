// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "client/pendingreplies.h"

#include <QSignalSpy>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {
ServerMessage answer(const QString &type, const QJsonObject &data, const QJsonValue &replyTo)
{
    ServerMessage message;
    message.type = type;
    message.data = data;
    message.replyTo = replyTo;
    return message;
}
} // namespace

class TestPendingReplies : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_results.clear(); }
    void givesEachItsAnswer();
    void turnsAnErrorMessageIntoAnError();
    void refusesAnAnswerOfAnotherKind();
    void ignoresAnswersToNothing();
    void endsWithATimeout();
    void failsAllOnce();
    void failsWhatIsLeftAtTheEnd();
    void letsAHandlerAskAnew();

private:
    PendingReplies::Handler collect()
    {
        return [this](Result<QJsonObject> data) { m_results.push_back(std::move(data)); };
    }
    std::vector<Result<QJsonObject>> m_results;
};

void TestPendingReplies::givesEachItsAnswer()
{
    PendingReplies pending;
    const QJsonValue one = pending.add("a"_L1, 1h, collect());
    const QJsonValue two = pending.add("b"_L1, 1h, collect());
    QVERIFY(one != two);
    pending.resolve(answer(u"b"_s, {{u"n"_s, 2}}, two));
    pending.resolve(answer(u"a"_s, {{u"n"_s, 1}}, one));
    pending.resolve(answer(u"a"_s, {{u"n"_s, 3}}, one));
    QCOMPARE(m_results.size(), 2U);
    QCOMPARE(m_results[0]->value(u"n"_s).toInt(), 2);
    QCOMPARE(m_results[1]->value(u"n"_s).toInt(), 1);
}

void TestPendingReplies::turnsAnErrorMessageIntoAnError()
{
    PendingReplies pending;
    const QJsonValue id = pending.add("a"_L1, 1h, collect());
    pending.resolve(answer(u"error"_s, {{u"code"_s, u"read_only"_s}, {u"message"_s, u"no"_s}}, id));
    QCOMPARE(toString(m_results.at(0).error().code), toString(ErrorCode::ReadOnly));
    QCOMPARE(m_results.at(0).error().message, u"no"_s);
}

void TestPendingReplies::refusesAnAnswerOfAnotherKind()
{
    PendingReplies pending;
    pending.resolve(answer(u"b"_s, {}, pending.add("a"_L1, 1h, collect())));
    QCOMPARE(toString(m_results.at(0).error().code), toString(ErrorCode::InvalidMessage));
}

void TestPendingReplies::ignoresAnswersToNothing()
{
    PendingReplies pending;
    pending.add("a"_L1, 1h, collect());
    for (const QJsonValue &id : {QJsonValue(99), QJsonValue(u"1"_s), QJsonValue(1.5),
                                 QJsonValue(QJsonValue::Null), QJsonValue(QJsonObject{})})
        pending.resolve(answer(u"a"_s, {}, id));
    QVERIFY(m_results.empty());
}

void TestPendingReplies::endsWithATimeout()
{
    PendingReplies pending;
    const QJsonValue id = pending.add("a"_L1, 1ms, collect());
    QTRY_COMPARE(m_results.size(), 1U);
    QCOMPARE(toString(m_results[0].error().code), toString(ErrorCode::Timeout));
    pending.resolve(answer(u"a"_s, {}, id));
    QCOMPARE(m_results.size(), 1U);
}

void TestPendingReplies::failsAllOnce()
{
    PendingReplies pending;
    pending.add("a"_L1, 1h, collect());
    pending.add("a"_L1, 1h, collect());
    pending.failAll({ErrorCode::Unreachable, u"gone"_s});
    pending.failAll({ErrorCode::Unreachable, u"gone"_s});
    QCOMPARE(m_results.size(), 2U);
    QCOMPARE(m_results[1].error().message, u"gone"_s);
}

void TestPendingReplies::failsWhatIsLeftAtTheEnd()
{
    {
        PendingReplies pending;
        pending.add("a"_L1, 1h, collect());
    }
    QCOMPARE(toString(m_results.at(0).error().code), toString(ErrorCode::Unreachable));
}

void TestPendingReplies::letsAHandlerAskAnew()
{
    PendingReplies pending;
    pending.add("a"_L1, 1h,
                [&](const Result<QJsonObject> &) { pending.add("a"_L1, 1h, collect()); });
    pending.failAll({ErrorCode::Unreachable, {}});
    QVERIFY(m_results.empty());
    pending.failAll({ErrorCode::Unreachable, {}});
    QCOMPARE(m_results.size(), 1U);
}

QTEST_GUILESS_MAIN(TestPendingReplies)
#include "tst_pendingreplies.moc"

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "tests/support/localhouse.h"

#include <functional>
#include <memory>

namespace pmdaemon::test {

/// A Backend whose truth is in a LocalHouse: the house's own, or one at the other end of a wire.
class BackendUnderTest
{
public:
    virtual ~BackendUnderTest() = default;
    virtual Backend &backend() = 0;
    virtual LocalHouse &house() = 0;
};

using BackendFactory = std::function<std::unique_ptr<BackendUnderTest>()>;

/// What every Backend that may do everything (role Admin) has to fulfil. A test is
/// `BackendContract contract(factory); return QTest::qExec(&contract, argc, argv);`
class BackendContract : public QObject
{
    Q_OBJECT

public:
    explicit BackendContract(BackendFactory make);

private slots:
    void init();
    void cleanup();

    void becomesLiveWithTheMirror();
    void startIsAnsweredWhenTheMirrorShowsIt();
    void statusesAndEventsComeInOrder();
    void crashIsTold();
    void mirrorIsCurrentInEverySlot();
    void mirrorEqualsTheTruth();
    void resolvesTargets();
    void refusals_data();
    void refusals();
    void failuresOfSeveralAreNamed();
    void openCommandsWait();
    void deletedOnesLeaveTheMirror();
    void changesWithoutAStatusArrive();
    void framesComeAtOnceAndAgain();
    void whoJoinsAnIntervalGetsAFrameAtOnce();
    void framesEndWithTheWatch();
    void systemFramesComeAtOnceAndEndWithTheWatch();
    void logLinesArriveInOrder();
    void logLinesAreOfWhoIsWatched();
    void logsGiveTheNewestPage();
    void infoShowsOneOrAll();
    void systemInfoShowsTheHost();
    void historyAnswers();

private:
    Result<CommandResult> run(Action action, const QString &target,
                              std::optional<QJsonObject> config = {});
    Result<CommandResult> start(const QString &name, int instances = 1);
    template <typename T>
    Result<T> answer(const Reply<T> &reply);
    Backend &backend() { return m_subject->backend(); }
    LocalHouse &house() { return m_subject->house(); }

    BackendFactory m_make;
    std::unique_ptr<BackendUnderTest> m_subject;
};

} // namespace pmdaemon::test

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processrunner.h"

#include <QTemporaryDir>

#include <memory>
#include <vector>

namespace pmdaemon {

/// A ProcessRunner and all that it said.
struct RunnerRecord
{
    explicit RunnerRecord(std::unique_ptr<ProcessRunner> observed);

    std::unique_ptr<ProcessRunner> runner;
    std::vector<qint64> started;
    std::vector<ProcessExit> exits;
    std::vector<Error> failures;
    std::vector<Error> logFailures;
    int cancelled = 0;
    int ready = 0;
    int stopsNoted = 0;
};

/// What holds for every ProcessRunner, with real programs. A test of an implementation derives from
/// it, says how one is made, and adds what is its own.
class RunnerContract : public QObject
{
    Q_OBJECT

protected:
    virtual std::unique_ptr<ProcessRunner> makeRunner() = 0;
    /// Ends what a test left running.
    virtual void endAll() {}

    RunnerRecord record() { return RunnerRecord(makeRunner()); }
    /// Runs the test child with the given arguments; no restart, out and err logged.
    LaunchSpec child(const QStringList &arguments) const;
    /// Runs the event loop until that many runs have ended; false if that takes too long.
    static bool ends(RunnerRecord &r, std::size_t exits);
    QByteArray out() const { return logged(QStringLiteral("out.log")); }
    QByteArray err() const { return logged(QStringLiteral("err.log")); }
    QByteArray logged(const QString &name) const;
    QString path(const QString &name) const { return m_folder->filePath(name); }

private slots:
    void init();
    void cleanup();

    void reportsExitCode_data();
    void reportsExitCode();
    void reportsSignal_data();
    void reportsSignal();
    void passesArgumentsVerbatim();
    void startsInCleanSurroundings();
    void givesTheProgramItsLimits();
    void runsAsAnotherUser();
    void saysWhichLimitCannotBe_data();
    void saysWhichLimitCannotBe();
    void storesBothStreams();
    void storesBothStreamsInOneFile();
    void throwsOutputAwayWithoutFiles();
    void storesBytesExactly_data();
    void storesBytesExactly();
    void storesWhatWasWrittenBeforeACrash();
    void rotatesWhileRunning();

    void saysWhyAProgramCannotStart_data();
    void saysWhyAProgramCannotStart();
    void refusesAnUnsafeLogFile();
    void canStartAfterAFailedStart();
    void goesIdleWhenTheProgramVanished();

    void restartsAtOnceEachTime();
    void waitsBetweenRestarts();
    void restartsAfterExitZero();
    void staysDownAfterSuccess();
    void staysDownAfterAStopCode();
    void givesUp();
    void forgetsFailuresWhenStartedAgain();

    void stopsBySignal();
    void stopTellsTheWholeTree_data();
    void stopTellsTheWholeTree();
    void killsWhatIgnoresTheSignal();
    void killsTheWholeTree();
    void killsWhatIsBornWhileStopping();
    void killsATreeThatKeepsForking();
    void killsLeftoversOfACrash();
    void stopsWhileWaiting();
    void stopsRightAfterStart();
    void stopsInsideExited();
    void stopsWhatRestartsAtOnce();
    void stopWhenIdleDoesNothing();
    void startsAgainInsideExited();
    void stopTwiceIsOneExit();

    void tellsWhenTheProgramSaysReady_data();
    void tellsWhenTheProgramSaysReady();
    void tellsReadyOnceInEachRun();
    void takesNothingElseForReady();
    void stopsByMessage();
    void stopsBySignalWhereNobodyTakesMessages();
    void leavesItToOthersToAskForTheEnd();
    void writesToTheInput();
    void saysWhyNothingCanBeWritten();
    void handsOnSockets();

    void sendsSignals();
    void noticesExitWithClosedOutput();
    void losesNothingOfAnEscapedProcess();
    void leavesNoDescriptorsAndNoZombies();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

/// Of this process.
int openDescriptors();
bool isAlive(qint64 pid);
/// The process is there, alive or not reaped yet.
bool exists(qint64 pid);

} // namespace pmdaemon

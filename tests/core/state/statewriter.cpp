// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/core/state/stateexamples.h"

#include <cstdio>
#include <unistd.h>

using namespace pmdaemon;
using namespace pmdaemon::stateexamples;

/// statewriter HOME: stores numbered changes until it is killed, going on where the last one was
/// stopped, and prints the number of each as soon as it is durable: one write per number.
/// statewriter HOME NAME: takes a snapshot of that name; exit code 3 when it cannot be stored.
int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const Result<std::unique_ptr<StateStore>> store =
        StateStore::open(QFile::decodeName(argc > 1 ? argv[1] : "."));
    if (!store || (*store)->safeMode()) {
        std::fputs(qPrintable(store ? describe(*(*store)->safeMode()) : errorOf(store)), stderr);
        return 1;
    }
    if (argc > 2)
        return answer((*store)->takeSnapshot(QFile::decodeName(argv[2]), wallNow())) ? 0 : 3;
    const StoredState state = (*store)->load();
    // Several wait at a time, so that they are committed in groups.
    constexpr int window = 8;
    QList<Reply<void>> waiting;
    for (int number = state.processes.isEmpty() ? 1 : state.processes[0].restarts + 1;; ++number) {
        StateChange change;
        StoredProcess process = stateexamples::process(0);
        process.restarts = number;
        change.put(process);
        change.put(stateexamples::process(number % 50 + 1));
        change.events.append(crash(number, 0));
        waiting.append((*store)->save(change));
        waiting.last().then([number](const Result<void> &saved) {
            const QByteArray line = QByteArray::number(number) + (saved ? "\n" : " failed\n");
            if (::write(STDOUT_FILENO, line.constData(), size_t(line.size())) != line.size())
                ::_exit(2);
        });
        if (waiting.size() == window)
            waiting.takeFirst().waitForFinished();
    }
}

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/localbackend.h"
#include "tests/support/fakeprocessrunner.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

namespace pmdaemon::test {

/// A LocalBackend with a home of its own, over fake runners: no process is started. What a process
/// writes is written by the test.
class LocalHouse
{
public:
    /// Appends to the standard output that `process` is known to have.
    void writeOutput(const QString &process, const QByteArray &text)
    {
        QDir(m_home.path()).mkpath(QStringLiteral("logs"));
        QFile file(m_home.filePath(QStringLiteral("logs/%1-out.log").arg(process)));
        if (!file.open(QIODevice::Append) || file.write(text) != text.size())
            qFatal("the log of a fake process cannot be written");
    }

    FakeProcessRunner *runner(const QString &process) const { return runners.of(process); }
    QString home() const { return m_home.path(); }

private:
    QTemporaryDir m_home;

public:
    FakeRunners runners;
    LocalBackend backend{{.launch = {m_home.path(), QProcessEnvironment::systemEnvironment()},
                          .makeRunner = runners.factory(),
                          .isPortFree = [](int) { return true; }},
                         QStringLiteral("/proc")};
};

} // namespace pmdaemon::test

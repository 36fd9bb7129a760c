// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/logs/logtail.h"
#include "core/logs/logwriter.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>

namespace pmdaemon {

/// A folder for the log of one process, with the source that names its files.
class LogScratch
{
public:
    LogScratch()
    {
        using namespace Qt::Literals::StringLiterals;
        source.id = ProcessId{3};
        source.name = u"web"_s;
        source.instance = 1;
        source.out = folder.filePath(u"web-out.log"_s);
        source.err = folder.filePath(u"web-error.log"_s);
    }

    static void append(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::Append | QIODevice::Unbuffered));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    QTemporaryDir folder;
    LogSource source;
};

/// A program's output as the daemon stores it: a pipe with a LogWriter at its end.
class PipedWriter
{
public:
    PipedWriter(const QString &path, qint64 maxSize, int maxFiles)
        : m_writer(path, maxSize, maxFiles)
    {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
            qFatal("no pipe");
        m_readEnd.reset(ends[0]);
        m_writeEnd.reset(ends[1]);
    }

    void write(QByteArrayView bytes)
    {
        while (!bytes.isEmpty()) {
            const ssize_t put = ::write(m_writeEnd.get(), bytes.data(), std::size_t(bytes.size()));
            QVERIFY(put > 0);
            bytes = bytes.sliced(put);
            qint64 stored = 0;
            while (stored < put) {
                const LogWriter::Moved moved = m_writer.move(m_readEnd.get(), put - stored);
                // Somebody may hold the file for a moment.
                QVERIFY(!moved.error ||
                        moved.error->details[QStringLiteral("errno")] == EWOULDBLOCK);
                stored += moved.bytes;
            }
        }
    }

private:
    LogWriter m_writer;
    UniqueFd m_readEnd;
    UniqueFd m_writeEnd;
};

/// Lines "<prefix> <number>\n" with the numbers [from, to).
inline QByteArray numberedLines(const QByteArray &prefix, int from, int to)
{
    QByteArray text;
    for (int number = from; number < to; ++number)
        text += prefix + QByteArray(" ") + QByteArray::number(number) + QByteArray("\n");
    return text;
}

} // namespace pmdaemon

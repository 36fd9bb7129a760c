// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/followedlog.h"
#include "core/logs/loglevel.h"
#include "core/logs/logreader.h"

#include <QFile>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

const QByteArray plainLine = "2026-01-15T14:30:25.123Z INFO GET /items/4711 answered in 12 ms with "
                             "200, 5312 bytes, from 10.0.0.17";
const QByteArray jsonLine = R"({"time":1705329025123,"pid":17,"hostname":"web","level":30,)"
                            R"("req":{"method":"GET","url":"/items/4711"},"msg":"answered"})";

void append(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::Append) || file.write(bytes) != bytes.size())
        qFatal("cannot write");
}

void detectLevel(benchmark::State &state)
{
    const QByteArray &line = state.range(0) == 0 ? plainLine : jsonLine;
    for (auto _ : state)
        benchmark::DoNotOptimize(detectLogLevel(line, LogStream::Out));
}
BENCHMARK(detectLevel)->Arg(0)->Arg(1);

/// What a follower does with 4 MiB that were written.
void followLines(benchmark::State &state)
{
    QTemporaryDir folder;
    LogSource source{ProcessId{1}, u"web"_s, 0, folder.filePath(u"out"_s), {}, {}};
    const QByteArray text = QByteArray(plainLine).append('\n').repeated(4 * 1024 * 1024 / 100);
    append(source.out, "");
    FollowedLog log(source, 0);
    for (auto _ : state) {
        state.PauseTiming();
        append(source.out, text);
        state.ResumeTiming();
        QList<LogBatch> batches;
        log.read(FollowedLog::Clock::time_point::max(), batches);
        benchmark::DoNotOptimize(batches);
    }
    state.SetBytesProcessed(state.iterations() * text.size());
    state.SetItemsProcessed(state.iterations() * text.count('\n'));
}
BENCHMARK(followLines)->Iterations(50);

/// The newest 100 lines of a log of 64 MiB; 1 = that hold a word which none has.
void readPage(benchmark::State &state)
{
    QTemporaryDir folder;
    const LogSource source{ProcessId{1}, u"web"_s, 0, folder.filePath(u"out"_s), {}, {}};
    append(source.out, QByteArray(plainLine).append('\n').repeated(64 * 1024 * 1024 / 100));
    LogQuery query;
    query.lines = 100;
    if (state.range(0) == 1)
        query.grep = u"nowhere"_s;
    for (auto _ : state)
        benchmark::DoNotOptimize(readLogPage(source, query));
}
BENCHMARK(readPage)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

} // namespace

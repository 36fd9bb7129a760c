// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/servermessage.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <benchmark/benchmark.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

QList<ProcessEntry> entries(qsizetype count)
{
    QList<ProcessEntry> list;
    for (qsizetype i = 0; i < count; ++i) {
        ProcessEntry entry;
        entry.id = ProcessId(int(i));
        entry.app = u"service-%1"_s.arg(i / 4);
        entry.name = u"service-%1-%2"_s.arg(i / 4).arg(i % 4);
        entry.instance = int(i % 4);
        entry.nameSpace = u"default"_s;
        entry.status = ProcessStatus::Online;
        entry.health = HealthStatus::Healthy;
        entry.pid = 100'000 + i;
        entry.port = int(3'000 + i);
        entry.restarts = int(i % 7);
        list.append(entry);
    }
    return list;
}

QList<MetricsRow> rowsOf(const QList<ProcessEntry> &of)
{
    QList<MetricsRow> rows;
    for (const ProcessEntry &entry : of) {
        const int id = toInt(entry.id);
        rows.append({&entry,
                     {entry.id, id % 1'000 / 7.0, 47'185'920 + id * 4'096LL,
                      milliseconds{7'890'000 + id}}});
    }
    return rows;
}

LogBatch logBatch(qsizetype lines)
{
    LogBatch batch;
    batch.name = u"web-api"_s;
    for (qsizetype i = 0; i < lines; ++i) {
        LogLine line;
        line.seq = i;
        line.time = WallTime{milliseconds{1'768'487'425'123 + i}};
        line.message =
            "GET /index.html 200 \"Mozilla/5.0\" " + QByteArray::number(i) + QByteArray(60, 'x');
        batch.lines.append(line);
    }
    return batch;
}

void processMetrics(benchmark::State &state)
{
    const QList<ProcessEntry> of = entries(state.range(0));
    const QList<MetricsRow> rows = rowsOf(of);
    MessageEncoder encoder("bench");
    qsizetype bytes = 0;
    for (auto _ : state)
        bytes = encoder.processMetrics(rows).size();
    state.counters["bytes"] = double(bytes);
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(processMetrics)->Arg(10)->Arg(1'000);

/// The same frame by way of Qt's documents: what the direct writer is measured against.
void processMetricsByDocument(benchmark::State &state)
{
    const QList<ProcessEntry> of = entries(state.range(0));
    const QList<MetricsRow> rows = rowsOf(of);
    for (auto _ : state) {
        QJsonArray array;
        for (const MetricsRow &row : rows)
            array.append(toJson(*row.entry, row.sample));
        const QJsonObject message{{u"type"_s, u"process_metrics"_s},
                                  {u"data"_s, QJsonObject{{u"processes"_s, array}}}};
        benchmark::DoNotOptimize(QJsonDocument(message).toJson(QJsonDocument::Compact));
    }
}
BENCHMARK(processMetricsByDocument)->Arg(1'000);

void processStatus(benchmark::State &state)
{
    const StatusChange change{entries(1).first(), ProcessStatus::Starting};
    MessageEncoder encoder("bench");
    for (auto _ : state)
        benchmark::DoNotOptimize(encoder.processStatus(change));
}
BENCHMARK(processStatus);

void logMessage(benchmark::State &state)
{
    const LogBatch batch = logBatch(1);
    MessageEncoder encoder("bench");
    for (auto _ : state)
        benchmark::DoNotOptimize(encoder.logMessage(batch, batch.lines.first(), 0));
}
BENCHMARK(logMessage);

void logBatchOf500(benchmark::State &state)
{
    const LogBatch batch = logBatch(500);
    MessageEncoder encoder("bench");
    for (auto _ : state)
        benchmark::DoNotOptimize(encoder.logBatch(batch));
    state.SetItemsProcessed(state.iterations() * batch.lines.size());
}
BENCHMARK(logBatchOf500);

void parseSubscribe(benchmark::State &state)
{
    const QByteArray text = R"({"type":"subscribe","data":{"events":["process_status",
        "process_metrics","system_metrics"],"processes":["web-api","worker"],"interval":1000}})";
    for (auto _ : state)
        benchmark::DoNotOptimize(parseRequest(text));
}
BENCHMARK(parseSubscribe);

/// Hostile texts of 1 MiB: none may hold the loop up for long.
void parseHostile(benchmark::State &state)
{
    QByteArray keys = "{";
    for (int i = 0; i < 1'000; ++i)
        keys += '"' + QByteArray::number(9'999 - i) + "\":0,";
    keys.back() = '}';
    const QByteArray texts[] = {
        QByteArray(1'000'000, '['),
        '[' + QByteArray("1,").repeated(500'000) + "1]",
        '[' + QByteArray(keys + ',').repeated(1'000'000 / keys.size()) + "0]",
        "{\"a\":\"" + QByteArray("\\u00e4").repeated(160'000) + "\"}",
    };
    for (auto _ : state)
        benchmark::DoNotOptimize(parseRequest(texts[state.range(0)]));
}
BENCHMARK(parseHostile)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

void parseMetricsAtTheClient(benchmark::State &state)
{
    const QList<ProcessEntry> of = entries(1'000);
    MessageEncoder encoder("bench");
    const QByteArray text = encoder.processMetrics(rowsOf(of));
    for (auto _ : state) {
        const auto message = parseServerMessage(text);
        benchmark::DoNotOptimize(processSamplesFromJson(message->data));
    }
}
BENCHMARK(parseMetricsAtTheClient)->Unit(benchmark::kMillisecond);

} // namespace

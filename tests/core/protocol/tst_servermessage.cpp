// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/servermessage.h"
#include "tests/support/comparenames.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTest>

#include <cmath>
#include <limits>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

// The shapes of the WebSocket API document: each of their keys stays, with its type.
constexpr char documentedStatus[] = R"({"type": "process_status",
    "data": {"id": 0, "name": "web-api", "status": "online", "pid": 1234, "port": 3000,
             "previous_status": "starting"},
    "timestamp": "2024-01-15T14:30:25.123Z"})";
constexpr char documentedMetrics[] = R"({"type": "process_metrics",
    "data": {"processes": [
        {"id": 0, "name": "web-api", "cpu": 2.5, "memory": 47185920, "uptime": 7890000,
         "restarts": 0}]},
    "timestamp": "2024-01-15T14:30:25.123Z"})";
constexpr char documentedSystem[] = R"({"type": "system_metrics",
    "data": {"cpu": {"usage": 15.2, "cores": 8},
             "memory": {"total": 8589934592, "used": 2147483648, "available": 6442450944,
                        "usage_percent": 25.0},
             "load": {"one": 0.85, "five": 1.2, "fifteen": 0.9}},
    "timestamp": "2024-01-15T14:30:25.123Z"})";
constexpr char documentedHealth[] = R"({"type": "health_update",
    "data": {"process": "web-api", "status": "healthy", "previous_status": "unhealthy",
             "check_type": "http",
             "details": {"url": "http://localhost:3000/health", "response_time": 45,
                         "status_code": 200}},
    "timestamp": "2024-01-15T14:30:25.123Z"})";
constexpr char documentedEvent[] = R"({"type": "process_event",
    "data": {"event": "started", "process": "new-api",
             "details": {"pid": 5678, "port": 3001, "startup_time": 1250}},
    "timestamp": "2024-01-15T14:30:25.123Z"})";
constexpr char documentedLog[] = R"({"type": "log_message",
    "data": {"process": "web-api", "instance": 0, "level": "info",
             "message": "Server started on port 3000", "stream": "stdout"},
    "timestamp": "2024-01-15T14:30:25.123Z"})";

QJsonObject object(const QByteArray &text)
{
    QJsonParseError error;
    const QJsonObject json = QJsonDocument::fromJson(text, &error).object();
    if (error.error != QJsonParseError::NoError)
        qWarning() << error.errorString() << text.mid(error.offset - 20, 40);
    return json;
}

/// The first key of `expected` that `actual` lacks or holds with another type or value.
QString difference(const QJsonValue &actual, const QJsonValue &expected, const QString &at = {})
{
    if (actual.type() != expected.type())
        return at + u": another type"_s;
    if (expected.isArray())
        return difference(actual.toArray().at(0), expected.toArray().at(0), at + u"/0"_s);
    if (!expected.isObject())
        return actual == expected || at == u"/timestamp" ? QString() : at + u": another value"_s;
    const QJsonObject keys = expected.toObject();
    for (auto it = keys.begin(); it != keys.end(); ++it) {
        const QString found =
            difference(actual.toObject().value(it.key()), it.value(), at + u'/' + it.key());
        if (!found.isEmpty())
            return found;
    }
    return {};
}

ProcessEntry webApi()
{
    ProcessEntry entry;
    entry.name = entry.app = u"web-api"_s;
    entry.nameSpace = u"default"_s;
    entry.status = ProcessStatus::Online;
    entry.pid = 1234;
    entry.port = 3000;
    return entry;
}

SystemMetrics documentedMachine()
{
    SystemMetrics metrics;
    metrics.cpuUsage = 15.2;
    metrics.cpuCores = 8;
    metrics.memoryTotal = 8'589'934'592;
    metrics.memoryAvailable = 6'442'450'944;
    metrics.loadOne = 0.85;
    metrics.loadFive = 1.2;
    metrics.loadFifteen = 0.9;
    return metrics;
}

LogBatch batchOf(QList<LogLine> lines)
{
    LogBatch batch;
    batch.name = u"web-api"_s;
    batch.lines = std::move(lines);
    return batch;
}

LogLine line(qint64 seq, const QByteArray &message)
{
    LogLine made;
    made.seq = seq;
    made.message = message;
    return made;
}

/// Random values, the same ones in every run; figures have the decimals that messages carry.
class Generator
{
public:
    explicit Generator(quint32 seed)
        : m_random(seed)
    {}

    ProcessEntry entry();
    ProcessSample sample(ProcessId id)
    {
        return {id, tenths(), large(), milliseconds{large() % 1'000'000'000}};
    }
    SystemMetrics system();
    HealthUpdate health();
    ProcessEvent event()
    {
        return {ProcessEvent::Kind(below(12)), ProcessId(below(100)), text(), time(), details()};
    }
    EventPage eventPage();
    ApplyReport applyReport();
    LogLine logLine();
    LogBatch batch();
    ProcessDetail detail();
    SystemInfo info();
    History history();

    int below(int limit) { return m_random.bounded(limit); }
    bool coin() { return below(2) == 1; }
    QString text()
    {
        QString made;
        static const QString alphabet = u"abc-_.09 \"\\/\n\t\u0001üß€\u2028\uFFFD"_s;
        for (int i = below(12); i > 0; --i)
            made += coin() ? alphabet.at(below(int(alphabet.size()))) : QChar(u'a' + below(26));
        return coin() ? made + u"😀"_s : made;
    }

private:
    double tenths() { return below(100'000) / 10.0; }
    double hundredths() { return below(10'000) / 100.0; }
    qint64 large() { return m_random.bounded(std::numeric_limits<int>::max()) * 1'000'000LL; }
    WallTime time() { return WallTime{milliseconds{large() % 253'402'300'799'999}}; }
    template <typename T>
    std::optional<T> maybe(T value)
    {
        return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
    }
    QJsonObject details() { return {{text(), below(9)}, {u"x"_s, text()}}; }
    template <typename T, typename F>
    QList<T> some(F make)
    {
        QList<T> list;
        for (int i = below(5); i > 0; --i)
            list.append(make());
        return list;
    }

    QRandomGenerator m_random;
};

ProcessEntry Generator::entry()
{
    ProcessEntry e;
    e.id = ProcessId(below(100'000));
    e.name = text();
    e.app = text();
    e.instance = below(64);
    e.nameSpace = text();
    e.status = ProcessStatus(below(6));
    e.health = HealthStatus(below(3));
    e.pid = maybe(large());
    e.port = maybe(below(65'536));
    e.restarts = below(1'000);
    e.exitCode = maybe(below(256));
    e.signal = maybe(text());
    e.reason = maybe(text());
    e.createdAt = time();
    e.startedAt = maybe(time());
    return e;
}

SystemMetrics Generator::system()
{
    return {{},      milliseconds{0}, tenths(),     below(256),   large(),      large(),
            large(), large(),         hundredths(), hundredths(), hundredths(), large(),
            large(), large(),         large(),      large()};
}

HealthUpdate Generator::health()
{
    return {ProcessId(below(100)), text(),   HealthStatus(below(3)), HealthStatus(below(3)),
            CheckType(below(3)),   details()};
}

LogLine Generator::logLine()
{
    return {large(),         maybe(time()), LogLevel(below(6)), LogStream(below(2)),
            text().toUtf8(), coin()};
}

LogBatch Generator::batch()
{
    return {ProcessId(below(100)), text(), below(8), below(1'000),
            some<LogLine>([this] { return logLine(); })};
}

ProcessDetail Generator::detail()
{
    ProcessDetail d;
    d.entry = entry();
    d.sample = sample(d.entry.id);
    d.config = details();
    d.health = maybe(health());
    d.outFile = text();
    d.errorFile = text();
    d.ports = some<int>([this] { return below(65'536); });
    return d;
}

SystemInfo Generator::info()
{
    return {system(),
            text(),
            text(),
            text(),
            text(),
            below(5),
            {text(), text()},
            text(),
            time(),
            Role(below(4)),
            some<QString>([this] { return text(); })};
}

EventPage Generator::eventPage()
{
    return {some<ProcessEvent>([this] { return event(); }), maybe(large())};
}

ApplyReport Generator::applyReport()
{
    const auto change = [this] {
        AppChange made{AppChange::Kind(below(4)), text(), some<QString>([this] { return text(); })};
        made.restarts = below(2) == 1;
        if (below(2) == 1)
            made.error = Error{ErrorCode(below(20)), text()};
        return made;
    };
    return {below(2) == 1, some<AppChange>(change)};
}

History Generator::history()
{
    const auto ints = [this] { return some<qint64>([this] { return large(); }); };
    return {milliseconds{below(60'000)},
            ints(),
            some<double>([this] { return tenths(); }),
            ints(),
            some<double>([this] { return hundredths(); }),
            ints(),
            ints()};
}

/// What is written as an object and as text reads back as what it was.
template <typename T, typename Read>
bool roundTrips(const T &value, const QJsonObject &json, Read read)
{
    const QJsonObject parsed = object(QJsonDocument(json).toJson());
    const auto back = read(parsed);
    if (!back)
        qWarning().noquote() << back.error().message << QJsonDocument(json).toJson();
    return back && *back == value;
}

} // namespace

class TestServerMessage : public QObject
{
    Q_OBJECT

private slots:
    void writesTheDocumentedShapes();
    void writesTheEnvelope();
    void rowsFollowTheirEntries();
    void givesEachMessageItsOwnId();
    void repeatsTheIdOfARequestWithItsType();
    void writesNullForWhatIsNotThere();
    void marksSnapshotsOnly();
    void writesNumbersThatEveryClientReads();
    void writesAnEmptyListOfProcesses();
    void escapesWhatProgramsWrite();
    void keepsOneLineBelowTheLimit();
    void keepsTheMostProcessesBelowTheLimit();
    void splitsBatchesBelowTheLimit();
    void answersWithAnErrorWhereTheAnswerIsTooLarge();
    void readsWhatItWrites();
    void directWriterAgreesWithTheReaders();
    void readsAFailedCommandAsItsError();
    void refusesBrokenShapes();
    void refusesWhatIsNoMessage();
    void survivesMutatedMessages();

private:
    MessageEncoder m_encoder{"boot"};
};

void TestServerMessage::writesTheDocumentedShapes()
{
    const ProcessEntry entry = webApi();
    const ProcessSample sample{ProcessId{0}, 2.5, 47'185'920, milliseconds{7'890'000}};
    const MetricsRow row{&entry, sample};
    const HealthUpdate health{ProcessId{0},
                              u"web-api"_s,
                              HealthStatus::Healthy,
                              HealthStatus::Unhealthy,
                              CheckType::Http,
                              {{u"url"_s, u"http://localhost:3000/health"_s},
                               {u"response_time"_s, 45},
                               {u"status_code"_s, 200}}};
    const ProcessEvent event{ProcessEvent::Kind::Started,
                             ProcessId{3},
                             u"new-api"_s,
                             {},
                             {{u"pid"_s, 5678}, {u"port"_s, 3001}, {u"startup_time"_s, 1250}}};
    const LogLine logLine = line(1, "Server started on port 3000");

    const std::pair<QByteArray, const char *> messages[] = {
        {m_encoder.processStatus({entry, ProcessStatus::Starting}), documentedStatus},
        {m_encoder.processMetrics({&row, 1}), documentedMetrics},
        {m_encoder.systemMetrics(documentedMachine()), documentedSystem},
        {m_encoder.healthUpdate(health), documentedHealth},
        {m_encoder.processEvent(event), documentedEvent},
        {m_encoder.logMessage(batchOf({}), logLine, 0), documentedLog},
    };
    for (const auto &[written, documented] : messages)
        QCOMPARE(difference(object(written), object(documented)), QString());
}

void TestServerMessage::writesTheEnvelope()
{
    const QJsonObject json = object(m_encoder.systemMetrics({}));
    QCOMPARE(json.keys(), (QStringList{u"data"_s, u"id"_s, u"timestamp"_s, u"type"_s}));
    static const QRegularExpression rfc3339(
        u"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"_s);
    const QString written = json.value("timestamp"_L1).toString();
    QVERIFY2(rfc3339.match(written).hasMatch(), qPrintable(written));
    const auto time = wallTimeFromString(written);
    QVERIFY(time && *time <= wallNow() && *time > wallNow() - std::chrono::minutes(1));
}

void TestServerMessage::givesEachMessageItsOwnId()
{
    MessageEncoder encoder("n0nce");
    QCOMPARE(object(encoder.systemMetrics({})).value("id"_L1), QJsonValue(u"n0nce-1"_s));
    QCOMPARE(object(encoder.error({}, {})).value("id"_L1), QJsonValue(u"n0nce-2"_s));
}

void TestServerMessage::repeatsTheIdOfARequestWithItsType()
{
    const QJsonValue ids[] = {7,          u"7"_s, 0,    -3, 1.5, 9'007'199'254'740'993LL,
                              u"ü\"\n"_s, 1e300,  u""_s};
    for (const QJsonValue &id : ids) {
        const auto message = parseServerMessage(m_encoder.reply("pong"_L1, {}, id));
        QVERIFY(message.has_value());
        QCOMPARE(message->type, u"pong"_s);
        QCOMPARE(message->replyTo, id);
    }
    const QJsonObject json = object(m_encoder.reply("pong"_L1, {}, QJsonValue::Undefined));
    QVERIFY(!json.contains("reply_to"_L1));
}

void TestServerMessage::writesNullForWhatIsNotThere()
{
    ProcessEntry entry = webApi();
    entry.pid.reset();
    entry.port.reset();
    const QJsonObject data =
        object(m_encoder.processStatus({entry, ProcessStatus::Online})).value("data"_L1).toObject();
    for (const char *key : {"pid", "port", "exit_code", "signal", "reason"})
        QVERIFY2(data.value(QLatin1StringView(key)).isNull(), key);
}

void TestServerMessage::marksSnapshotsOnly()
{
    const auto snapshot = [this](bool on) {
        return object(m_encoder.processStatus({webApi(), ProcessStatus::Online}, on))
            .value("data"_L1)
            .toObject()
            .value("snapshot"_L1);
    };
    QCOMPARE(snapshot(true), QJsonValue(true));
    QVERIFY(snapshot(false).isUndefined());
}

void TestServerMessage::writesNumbersThatEveryClientReads()
{
    const ProcessEntry entry = webApi();
    const auto cpu = [&](double value) {
        const MetricsRow row{&entry, {ProcessId{0}, value, 0, {}}};
        const QByteArray text = m_encoder.processMetrics({&row, 1});
        const qsizetype at = text.indexOf("\"cpu\":") + 6;
        return text.mid(at, text.indexOf(',', at) - at);
    };
    QCOMPARE(cpu(0), "0.0");
    QCOMPARE(cpu(0.04), "0.0");
    QCOMPARE(cpu(0.05), "0.1");
    QCOMPARE(cpu(99.96), "100.0");
    QCOMPARE(cpu(1234.56), "1234.6");
    QCOMPARE(cpu(-0.26), "-0.3");
    QCOMPARE(cpu(std::numeric_limits<double>::quiet_NaN()), "0.0");
    QVERIFY(cpu(std::numeric_limits<double>::infinity()).size() < 20);
    SystemMetrics empty;
    const QJsonObject memory = toJson(empty).value("memory"_L1).toObject();
    QCOMPARE(memory.value("usage_percent"_L1), QJsonValue(0.0));
}

void TestServerMessage::rowsFollowTheirEntries()
{
    ProcessEntry entry = webApi();
    const auto row = [&] {
        const MetricsRow one{&entry, {.id = entry.id}};
        const QJsonObject message = object(m_encoder.processMetrics({&one, 1}));
        return message["data"_L1]["processes"_L1][0].toObject();
    };
    QCOMPARE(row()["status"_L1].toString(), toString(entry.status));
    entry.status = ProcessStatus::Errored;
    entry.pid.reset();
    entry.name = u"renamed"_s;
    entry.restarts = 7;
    const QJsonObject changed = row();
    QCOMPARE(changed["status"_L1].toString(), u"errored"_s);
    QVERIFY(changed["pid"_L1].isNull());
    QCOMPARE(changed["name"_L1].toString(), u"renamed"_s);
    QCOMPARE(changed["restarts"_L1].toInt(), 7);
}

void TestServerMessage::writesAnEmptyListOfProcesses()
{
    const QJsonObject data = object(m_encoder.processMetrics({})).value("data"_L1).toObject();
    QVERIFY(data.value("processes"_L1).isArray());
}

void TestServerMessage::escapesWhatProgramsWrite()
{
    QByteArray message = "quote \" backslash \\ tab\t cr\r esc\x1b del\x7f ü😀 \xe2\x80\xa8";
    for (char c = 1; c < 0x20; ++c)
        message.append(c);
    const QByteArray text = m_encoder.logMessage(batchOf({}), line(1, message), 0);
    for (const char c : text)
        QVERIFY(uchar(c) >= 0x20);
    const QJsonObject data = object(text).value("data"_L1).toObject();
    QCOMPARE(data.value("message"_L1).toString().toUtf8(), message);
}

void TestServerMessage::keepsOneLineBelowTheLimit()
{
    // The worst that can be said in a line: each byte takes six.
    const QByteArray text =
        m_encoder.logMessage(batchOf({}), line(1, QByteArray(2'000'000, '\x01')), 5);
    QVERIFY(text.size() < MaxServerMessage);
    const QJsonObject data = object(text).value("data"_L1).toObject();
    QCOMPARE(data.value("message"_L1).toString().size(), 65'536);
    QCOMPARE(data.value("truncated"_L1), QJsonValue(true));
    QCOMPARE(data.value("dropped"_L1), QJsonValue(5));
    // Not through the middle of a character.
    const QByteArray umlauts = 'x' + QByteArray("ü").repeated(40'000);
    const QByteArray cut = m_encoder.logMessage(batchOf({}), line(1, umlauts), 0);
    QCOMPARE(object(cut).value("data"_L1).toObject().value("message"_L1).toString().size(), 32'768);
}

void TestServerMessage::keepsTheMostProcessesBelowTheLimit()
{
    ProcessEntry entry = webApi();
    entry.name = entry.app = QString(64, u'n');
    const std::vector<MetricsRow> rows(5'000, {&entry, {.id = entry.id, .memory = 1LL << 40}});
    const auto message = parseServerMessage(m_encoder.processMetrics(rows));
    QVERIFY(m_encoder.processMetrics(rows).size() < MaxServerMessage);
    const QJsonArray processes = message->data.value("processes"_L1).toArray();
    QCOMPARE(processes.size(), 5'000);
    for (const auto key : {"id"_L1, "name"_L1, "cpu"_L1, "memory"_L1, "uptime"_L1, "restarts"_L1})
        QVERIFY2(processes.last().toObject().contains(key), key.data());
    QCOMPARE(processSamplesFromJson(message->data)->last().memory, 1LL << 40);
}

void TestServerMessage::splitsBatchesBelowTheLimit()
{
    QList<LogLine> lines;
    for (int i = 0; i < 60; ++i)
        lines.append(line(100 + i, QByteArray(64 * 1024, i % 2 ? '\x01' : 'y')));
    LogBatch batch = batchOf(lines);
    batch.dropped = 4;
    QList<LogLine> back;
    const QList<QByteArray> messages = m_encoder.logBatch(batch);
    QVERIFY(messages.size() > 10);
    for (const QByteArray &text : messages) {
        QVERIFY(text.size() < MaxServerMessage);
        const QJsonObject data = object(text).value("data"_L1).toObject();
        const auto part = logBatchFromJson(data);
        QVERIFY(part && !part->lines.isEmpty());
        QCOMPARE(part->dropped, back.isEmpty() ? 4 : 0);
        QCOMPARE(data.value("first_seq"_L1).toInteger(), part->lines.first().seq);
        back += part->lines;
    }
    QCOMPARE(back, batch.lines);
}

void TestServerMessage::answersWithAnErrorWhereTheAnswerIsTooLarge()
{
    const QByteArray text = m_encoder.reply("logs"_L1, {{u"x"_s, QString(1'100'000, u'x')}}, 4);
    const QJsonObject json = object(text);
    QCOMPARE(json.value("type"_L1), QJsonValue(u"error"_s));
    QCOMPARE(json.value("reply_to"_L1), QJsonValue(4));
    QCOMPARE(errorFromJson(json.value("data"_L1).toObject()).code, ErrorCode::TooLarge);
}

void TestServerMessage::readsWhatItWrites()
{
    Generator g(20260115);
    for (int i = 0; i < 300; ++i) {
        const ProcessEntry entry = g.entry();
        QVERIFY(roundTrips(entry, toJson(entry), processEntryFromJson));
        QVERIFY(roundTrips(entry, toJson(entry, g.sample(entry.id)), processEntryFromJson));
        const SystemMetrics system = g.system();
        QVERIFY(roundTrips(system, toJson(system), systemMetricsFromJson));
        const ProcessDetail detail = g.detail();
        QVERIFY(roundTrips(detail, toJson(detail), processDetailFromJson));
        const SystemInfo info = g.info();
        QVERIFY(roundTrips(info, toJson(info, {{u"online"_s, 2}}), systemInfoFromJson));
        const History history = g.history();
        QVERIFY(roundTrips(history, toJson(history), historyFromJson));
        const LogPage page{g.text(), g.batch().lines, g.text()};
        QVERIFY(roundTrips(page, toJson(page), logPageFromJson));
        const EventPage events = g.eventPage();
        QVERIFY(roundTrips(events, toJson(events), eventPageFromJson));
        const ApplyReport report = g.applyReport();
        QVERIFY(roundTrips(report, toJson(report), applyReportFromJson));
        const CommandResult result{g.text(), {g.entry(), g.entry()}};
        QVERIFY(roundTrips(result, toJson(result, {Action::Stop, u"all"_s, {}, {}, {}}),
                           commandResultFromJson));
        const Error error{ErrorCode(g.below(20)), g.text(), {{u"x"_s, g.text()}}};
        QCOMPARE(errorFromJson(toJson(error)), error);
    }
}

void TestServerMessage::directWriterAgreesWithTheReaders()
{
    Generator g(99);
    const auto data = [](const QByteArray &text) {
        const auto message = parseServerMessage(text);
        return message ? message->data : QJsonObject();
    };
    for (int i = 0; i < 300; ++i) {
        const StatusChange change{g.entry(), ProcessStatus(g.below(6))};
        QCOMPARE(statusChangeFromJson(data(m_encoder.processStatus(change))), change);
        const HealthUpdate health = g.health();
        QCOMPARE(healthUpdateFromJson(data(m_encoder.healthUpdate(health))), health);
        const ProcessEvent event = g.event();
        QCOMPARE(processEventFromJson(data(m_encoder.processEvent(event))), event);
        const SystemMetrics system = g.system();
        QCOMPARE(systemMetricsFromJson(data(m_encoder.systemMetrics(system))), system);
        QCOMPARE(data(m_encoder.systemMetrics(system)), toJson(system));
        const LogBatch batch = g.batch();
        QCOMPARE(logBatchFromJson(data(m_encoder.logBatch(batch).value(0))), batch);

        const ProcessEntry entry = g.entry();
        const MetricsRow row{&entry, g.sample(entry.id)};
        QCOMPARE(processSamplesFromJson(data(m_encoder.processMetrics({&row, 1}))),
                 QList{row.sample});
    }
}

void TestServerMessage::readsAFailedCommandAsItsError()
{
    const Error error{ErrorCode::StartFailed, u"no such file"_s, {{u"errno"_s, 2}}};
    const QJsonObject json = failedCommandToJson(error, {Action::Start, u"web"_s, {}, {}, {}});
    QCOMPARE(json.value("action"_L1), QJsonValue(u"start"_s));
    QCOMPARE(json.value("success"_L1), QJsonValue(false));
    QVERIFY(json.value("processes"_L1).isArray());
    const auto result = commandResultFromJson(json);
    QVERIFY(!result);
    QCOMPARE(result.error(), error);
}

void TestServerMessage::refusesBrokenShapes()
{
    QJsonObject json = toJson(webApi());
    json.remove("name"_L1);
    QCOMPARE(processEntryFromJson(json).error().code, ErrorCode::InvalidMessage);
    QVERIFY(processEntryFromJson(json).error().message.startsWith(u"/name"_s));
    json = toJson(webApi());
    json.insert("status"_L1, u"sleeping"_s);
    QVERIFY(!processEntryFromJson(json));
    json = toJson(documentedMachine());
    json.insert("cpu"_L1, 5);
    QVERIFY(systemMetricsFromJson(json).error().message.startsWith(u"/cpu"_s));
    const auto rows = processSamplesFromJson({{u"processes"_s, QJsonArray{QJsonObject{}}}});
    QVERIFY(rows.error().message.startsWith(u"/processes/0/id"_s));
    QVERIFY(!commandResultFromJson({}));
    QCOMPARE(errorFromJson({}).code, ErrorCode::Internal);
    QVERIFY(!errorFromJson({}).message.isEmpty());
}

void TestServerMessage::refusesWhatIsNoMessage()
{
    for (const char *text : {"", "[]", "{}", R"({"type":1})", R"({"type":"x","data":[]})"})
        QVERIFY2(!parseServerMessage(text), text);
    // A type that a newer server invented is for the receiver to ignore.
    QCOMPARE(parseServerMessage(R"({"type":"new_thing","data":{"a":1}})")->type, u"new_thing"_s);
}

void TestServerMessage::survivesMutatedMessages()
{
    Generator g(5);
    for (int i = 0; i < 5'000; ++i) {
        const ProcessEntry entry = g.entry();
        const MetricsRow row{&entry, g.sample(entry.id)};
        QByteArray text = g.coin() ? m_encoder.processMetrics({&row, 1})
                                   : m_encoder.processStatus({entry, entry.status});
        text[g.below(int(text.size()))] = char(g.below(128));
        const auto message = parseServerMessage(text);
        if (!message)
            continue;
        const auto rows = processSamplesFromJson(message->data);
        const auto change = statusChangeFromJson(message->data);
        QVERIFY(rows || rows.error().code == ErrorCode::InvalidMessage);
        QVERIFY(change || change.error().code == ErrorCode::InvalidMessage);
    }
}

QTEST_GUILESS_MAIN(TestServerMessage)
#include "tst_servermessage.moc"

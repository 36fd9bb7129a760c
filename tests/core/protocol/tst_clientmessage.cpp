// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/clientmessage.h"
#include "tests/support/comparenames.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

template <typename T>
T parsed(const QByteArray &text)
{
    const auto request = parseRequest(text);
    if (!request)
        qWarning().noquote() << text << request.error().error.message;
    return request ? std::get<T>(request->message) : T{};
}

/// Random requests, the same ones in every run.
class Generator
{
public:
    explicit Generator(quint32 seed)
        : m_random(seed)
    {}

    Request request();

private:
    int below(int limit) { return m_random.bounded(limit); }
    bool coin() { return below(2) == 1; }
    template <typename T>
    std::optional<T> maybe(T value)
    {
        return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
    }
    QString name()
    {
        static const QStringList names{u"web"_s, u"api-1"_s, u"ü\"\\\n"_s, u"😀"_s, u"0"_s};
        return names[below(int(names.size()))];
    }
    QStringList names()
    {
        QStringList list;
        for (int i = below(4); i > 0; --i)
            list.append(name());
        return list;
    }
    QList<EventType> events()
    {
        QList<EventType> list;
        for (int i = 0; i < EventTypeCount; ++i) {
            if (coin())
                list.append(EventType(i));
        }
        return list;
    }
    WallTime time() { return WallTime{milliseconds{m_random.bounded(2'000'000'000) * 1'000LL}}; }
    Subscribe subscribe();
    Command command();
    LogQuery logQuery();
    GetHistory history();
    EventQuery eventQuery();
    ApplyRequest applyRequest();

    QRandomGenerator m_random;
};

Subscribe Generator::subscribe()
{
    Subscribe s;
    s.events = events();
    if (coin())
        s.unknownEvents = {u"process_statu"_s};
    s.filter = {maybe(names()), names()};
    s.interval = milliseconds{100 + below(3'599'901)};
    s.snapshot = coin();
    s.tail = below(10'001);
    s.level = maybe(LogLevel(below(6)));
    s.grep = coin() ? name() : QString();
    s.batch = coin();
    return s;
}

Command Generator::command()
{
    Command c;
    c.action = Action(below(9));
    c.target = name();
    c.config = maybe(QJsonObject{{u"script"_s, name()}, {u"args"_s, QJsonArray{1, u"x"_s}}});
    c.instances = maybe(1 + below(5'000));
    if (c.action == Action::Scale)
        c.instances = 3;
    c.signal = c.action == Action::Signal || coin() ? u"SIGHUP"_s : QString();
    c.port = maybe(PortSpec{PortSpec::Kind::Auto, 3000, 3000 + below(100)});
    c.waits = coin();
    c.timeout = maybe(milliseconds{1 + below(86'400'000)});
    c.keepsLogs = coin();
    return c;
}

LogQuery Generator::logQuery()
{
    LogQuery q;
    q.process = name();
    q.lines = 1 + below(10'000);
    q.stream = maybe(LogStream(below(2)));
    q.level = maybe(LogLevel(below(6)));
    q.since = maybe(time());
    q.until = maybe(time());
    q.grep = coin() ? name() : QString();
    q.before = coin() ? name() : QString();
    return q;
}

GetHistory Generator::history()
{
    GetHistory h;
    h.process = coin() ? name() : QString();
    h.from = maybe(time());
    h.to = h.from ? std::optional(*h.from + milliseconds{below(100'000)}) : maybe(time());
    h.step = milliseconds{below(100'000)};
    return h;
}

EventQuery Generator::eventQuery()
{
    EventQuery q;
    q.process = coin() ? name() : QString();
    q.since = maybe(time());
    q.until = q.since ? std::optional(*q.since + milliseconds{below(100'000)}) : maybe(time());
    q.before = maybe(qint64(below(1'000'000)));
    q.limit = 1 + below(MaxEventsPerPage);
    return q;
}

ApplyRequest Generator::applyRequest()
{
    ApplyRequest request;
    for (int i = below(4); i > 0; --i)
        request.apps.append({{u"name"_s, name()}, {u"nice"_s, below(20)}});
    request.files = names();
    request.dryRun = coin();
    return request;
}

Request Generator::request()
{
    Request r;
    if (coin())
        r.id = coin() ? QJsonValue(name()) : QJsonValue(below(1'000'000));
    switch (below(11)) {
    case 0:
        r.message = subscribe();
        break;
    case 1:
        r.message = Unsubscribe{maybe(events()), {}, maybe(names())};
        break;
    case 2:
        r.message = command();
        break;
    case 3:
        r.message = GetInfo{coin() ? name() : QString()};
        break;
    case 4:
        r.message = GetSystem{};
        break;
    case 5:
        r.message = history();
        break;
    case 6:
        r.message = logQuery();
        break;
    case 7:
        r.message = eventQuery();
        break;
    case 8:
        r.message = applyRequest();
        break;
    case 9:
        r.message = Auth{name()};
        break;
    default:
        r.message = Ping{};
    }
    return r;
}

} // namespace

class TestClientMessage : public QObject
{
    Q_OBJECT

private slots:
    void readsTheDocumentedMessages();
    void fillsInDefaults();
    void clampsTheInterval();
    void keepsUnknownEventsApart();
    void takesTargetsAsNumbers();
    void keepsTheTypeOfTheId();
    void refuses_data();
    void refuses();
    void refusesEveryWrongType_data();
    void refusesEveryWrongType();
    void repeatsTheIdOfARefusedMessage();
    void boundsWhatAnErrorRepeats();
    void refusesWhatWouldTakeMuchMemory();
    void readsWhatItWrites();
    void survivesMutatedMessages();
};

void TestClientMessage::readsTheDocumentedMessages()
{
    const auto subscribe = parsed<Subscribe>(R"({"type":"subscribe","data":{
        "events":["process_status","process_metrics"],"processes":["web-api","worker"],
        "interval":1000}})");
    QVERIFY((subscribe.events == QList{EventType::ProcessStatus, EventType::ProcessMetrics}));
    QCOMPARE(subscribe.filter.names, (QStringList{u"web-api"_s, u"worker"_s}));
    QCOMPARE(subscribe.interval, milliseconds{1'000});

    const auto unsubscribe =
        parsed<Unsubscribe>(R"({"type":"unsubscribe","data":{"events":["system_metrics"]}})");
    QVERIFY(unsubscribe.events == QList{EventType::SystemMetrics});

    const auto command = parsed<Command>(R"({"type":"command","data":{"action":"start",
        "process":"new-service","config":{"script":"node","args":["server.js"],"port":"3002"}}})");
    QCOMPARE(command.action, Action::Start);
    QCOMPARE(command.target, u"new-service"_s);
    QCOMPARE(command.config->value("port"_L1).toString(), u"3002"_s);

    QCOMPARE(parsed<GetInfo>(R"({"type":"get_info","data":{"process":"web-api"}})").process,
             u"web-api"_s);
    QVERIFY(parseRequest(R"({"type":"get_system","data":{}})").has_value());
}

void TestClientMessage::fillsInDefaults()
{
    // What the documented JavaScript and Python clients send.
    const auto s =
        parsed<Subscribe>(R"({"type":"subscribe","data":{"processes":null,"interval":null}})");
    QCOMPARE(s.events.size(), 5);
    QVERIFY(!s.events.contains(EventType::LogMessage));
    QVERIFY(!s.filter.names);
    QCOMPARE(s.interval, milliseconds{1'000});
    QVERIFY(s.snapshot);
    QCOMPARE(parsed<Subscribe>(R"({"type":"subscribe"})"), s);
    QVERIFY(parsed<Subscribe>(R"({"type":"subscribe","data":{"events":[]}})").events.isEmpty());
    QCOMPARE(parsed<Subscribe>(R"({"type":"subscribe","data":{"processes":[]}})").filter.names,
             QStringList());
    QVERIFY(!parsed<Unsubscribe>(R"({"type":"unsubscribe"})").events);
    QCOMPARE(parsed<LogQuery>(R"({"type":"get_logs","data":{"process":"a"}})").lines, 20);
}

void TestClientMessage::clampsTheInterval()
{
    const auto interval = [](const QByteArray &number) {
        return parsed<Subscribe>(R"({"type":"subscribe","data":{"interval":)" + number + "}}")
            .interval.count();
    };
    QCOMPARE(interval("100"), 100);
    QCOMPARE(interval("0"), 100);
    QCOMPARE(interval("-9"), 100);
    QCOMPARE(interval("250.0"), 250);
    QCOMPARE(interval("3600001"), 3'600'000);
    QCOMPARE(interval("1e300"), 3'600'000);
}

void TestClientMessage::keepsUnknownEventsApart()
{
    const auto s = parsed<Subscribe>(R"({"type":"subscribe","data":{
        "events":["process_statu","process_status","process_status","nonsense"]}})");
    QVERIFY(s.events == QList{EventType::ProcessStatus});
    QCOMPARE(s.unknownEvents, (QStringList{u"process_statu"_s, u"nonsense"_s}));
    const Error error = unknownEventError(s.unknownEvents);
    QCOMPARE(error.code, ErrorCode::UnknownEvent);
    QVERIFY(error.message.contains(u"did you mean \"process_status\""_s));
    QVERIFY(error.message.contains(u"log_message"_s));
}

void TestClientMessage::takesTargetsAsNumbers()
{
    QCOMPARE(parsed<Command>(R"({"type":"command","data":{"action":"stop","process":7}})").target,
             u"7"_s);
    QCOMPARE(parsed<Command>(R"({"type":"command","data":{"action":"signal","process":"all",
             "signal":1}})")
                 .signal,
             u"1"_s);
}

void TestClientMessage::keepsTheTypeOfTheId()
{
    QCOMPARE(parseRequest(R"({"type":"ping","id":7})")->id, QJsonValue(7));
    QCOMPARE(parseRequest(R"({"type":"ping","id":"7"})")->id, QJsonValue(u"7"_s));
    QCOMPARE(parseRequest(R"({"type":"ping","id":9007199254740993})")->id.toInteger(),
             9'007'199'254'740'993);
    QVERIFY(parseRequest(R"({"type":"ping","id":null})")->id.isUndefined());
    QVERIFY(parseRequest(R"({"type":"ping"})")->id.isUndefined());
}

void TestClientMessage::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const QByteArray &text, ErrorCode code,
                        const QString &says) { QTest::newRow(name) << text << code << says; };
    using enum ErrorCode;
    row("apply without apps", R"({"type":"apply","data":{}})", InvalidMessage, u"/data/apps: "_s);
    row("apply of a word", R"({"type":"apply","data":{"apps":["web"]}})", InvalidMessage,
        u"/data/apps/0: "_s);
    row("empty", "", InvalidJson, u"byte 0"_s);
    row("spaces", "  \n", InvalidJson, u"byte 3"_s);
    row("no JSON", "hello", InvalidJson, u"byte 0"_s);
    row("cut off", R"({"type":"ping")", InvalidJson, u"byte"_s);
    row("two values", R"({"type":"ping"}{})", InvalidJson, u"byte 15"_s);
    row("comment", R"({"type":"ping"/**/})", InvalidJson, u"byte"_s);
    row("trailing comma", R"({"type":"ping",})", InvalidJson, u"byte"_s);
    row("NUL byte", QByteArray("{\"type\":\"ping\"}\0{}", 18), InvalidJson, u"NUL"_s);
    row("no UTF-8", "{\"type\":\"\xff\"}", InvalidJson, u"byte"_s);
    row("array", "[]", InvalidMessage, u"an object"_s);
    row("number", "1", InvalidMessage, u"an object"_s);
    row("null", "null", InvalidMessage, u"got null"_s);
    row("no type", "{}", InvalidMessage, u"/type: expected one of subscribe"_s);
    row("type as number", R"({"type":1})", InvalidMessage, u"/type"_s);
    row("unknown type", R"({"type":"subscrib"})", UnknownType, u"did you mean \"subscribe\""_s);
    row("id as object", R"({"type":"ping","id":{}})", InvalidMessage, u"/id"_s);
    row("duplicate", R"({"type":"ping","type":"ping"})", InvalidMessage, u"/type: the key"_s);
    row("duplicate, escaped", R"({"type":"ping","data":{"a":1,"\u0061":2}})", InvalidMessage,
        u"/data/a: the key"_s);
    row("NUL in text", R"({"type":"auth","data":{"token":"a\u0000b"}})", InvalidMessage,
        u"/data/token: the text holds the character U+0000"_s);
    row("high surrogate", R"({"type":"auth","data":{"token":"\ud800"}})", InvalidMessage,
        u"/data/token: the text holds half"_s);
    row("low surrogate", R"({"type":"auth","data":{"token":"\udc00"}})", InvalidMessage,
        u"/data/token: the text holds half"_s);
    row("1e400", R"({"type":"subscribe","data":{"interval":1e400}})", InvalidMessage,
        u"/data/interval: the number is too large"_s);
    row("1e400 in a list", R"({"type":"subscribe","data":{"events":["x",1e400]}})", InvalidMessage,
        u"/data/events/1: "_s);
    row("data as list", R"({"type":"ping","data":[]})", InvalidMessage, u"/data: expected an"_s);
    row("command without data", R"({"type":"command"})", InvalidMessage, u"/data/action: "_s);
    row("no process", R"({"type":"command","data":{"action":"stop"}})", InvalidMessage,
        u"/data/process: expected a process"_s);
    row("empty process", R"({"type":"command","data":{"action":"stop","process":""}})",
        InvalidMessage, u"/data/process"_s);
    row("unknown action", R"({"type":"command","data":{"action":"restrat","process":"a"}})",
        UnknownAction, u"did you mean \"restart\""_s);
    row("__proto__", R"({"type":"command","data":{"action":"__proto__","process":"a"}})",
        UnknownAction, u"/data/action"_s);
    row("scale alone", R"({"type":"command","data":{"action":"scale","process":"a"}})",
        InvalidMessage, u"/data/instances"_s);
    row("scale to 0", R"({"type":"command","data":{"action":"scale","process":"a","instances":0}})",
        InvalidMessage, u"from 1 to 5000"_s);
    row("signal alone", R"({"type":"command","data":{"action":"signal","process":"a"}})",
        InvalidMessage, u"/data/signal"_s);
    row("events from after until", R"({"type":"get_events","data":{
        "since":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}})",
        InvalidMessage, u"/data/since: lies after until"_s);
    row("too many events", R"({"type":"get_events","data":{"limit":1001}})", InvalidMessage,
        u"/data/limit: expected a whole number from 1 to 1000"_s);
    row("no signal", R"({"type":"command","data":{"action":"signal","process":"a","signal":"X"}})",
        InvalidMessage, u"/data/signal: expected a signal as"_s);
    row("fraction", R"({"type":"get_logs","data":{"process":"a","lines":1.5}})", InvalidMessage,
        u"/data/lines: expected a whole number from 1 to 10000, got 1.5"_s);
    row("out of range", R"({"type":"get_logs","data":{"process":"a","lines":99999999999}})",
        InvalidMessage, u"/data/lines"_s);
    row("bad level", R"({"type":"subscribe","data":{"level":"warning"}})", InvalidMessage,
        u"did you mean \"warn\""_s);
    row("local time", R"({"type":"get_logs","data":{"process":"a","since":"2026-01-01T00:00:00"}})",
        InvalidMessage, u"/data/since: expected a time"_s);
    row("from after to", R"({"type":"get_history","data":{"from":5,"to":4}})", InvalidMessage,
        u"/data/from"_s);
    row("name in a list", R"({"type":"subscribe","data":{"processes":["a",5]}})", InvalidMessage,
        u"/data/processes/1: "_s);
    row("escaped pointer", R"({"type":"ping","a/b~c":{"x":1,"x":1}})", InvalidMessage,
        u"/a~1b~0c/x: "_s);
}

void TestClientMessage::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(ErrorCode, code);
    QFETCH(QString, says);
    const auto request = parseRequest(text);
    QVERIFY(!request);
    QCOMPARE(toString(request.error().error.code), toString(code));
    QVERIFY2(request.error().error.message.contains(says),
             qPrintable(request.error().error.message));
}

void TestClientMessage::refusesEveryWrongType_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("accepts"); // which of the types below are fine
    const auto row = [](const char *type, const char *field, const char *accepts) {
        QTest::addRow("%s.%s", type, field)
            << QByteArray(type) << QByteArray(field) << QByteArray(accepts);
    };
    for (const char *field : {"events", "processes", "namespaces"})
        row("subscribe", field, "list null");
    for (const char *field : {"interval", "tail"})
        row("subscribe", field, "number null");
    for (const char *field : {"snapshot", "batch"})
        row("subscribe", field, "bool null");
    row("subscribe", "level", "null");
    row("subscribe", "grep", "string null");
    row("unsubscribe", "events", "list null");
    row("unsubscribe", "processes", "list null");
    row("command", "action", "");
    row("command", "process", "string number");
    row("command", "config", "object null");
    row("command", "instances", "number null");
    row("command", "signal", "number null");
    row("command", "port", "number null");
    row("command", "wait", "bool null");
    row("command", "timeout", "number null");
    row("command", "keep_logs", "bool null");
    row("get_info", "process", "string number null");
    row("get_history", "process", "string number null");
    for (const char *field : {"from", "to", "step"})
        row("get_history", field, "number null");
    row("get_logs", "process", "string number");
    row("get_logs", "lines", "number null");
    for (const char *field : {"stream", "level"})
        row("get_logs", field, "null");
    for (const char *field : {"since", "until"})
        row("get_logs", field, "number null");
    for (const char *field : {"grep", "before"})
        row("get_logs", field, "string null");
    row("auth", "token", "string");
}

void TestClientMessage::refusesEveryWrongType()
{
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, accepts);
    const QList<std::pair<QByteArray, QJsonValue>> values{
        {"string", u"nonsense"_s},
        {"number", 5},
        {"bool", true},
        {"list", QJsonArray{}},
        {"object", QJsonObject{}},
        {"null", QJsonValue::Null},
    };
    for (const auto &[name, value] : values) {
        QJsonObject data{{u"action"_s, u"stop"_s}, {u"process"_s, u"a"_s}, {u"token"_s, u"t"_s}};
        data.insert(QString::fromLatin1(field), value);
        const QJsonObject message{{u"type"_s, QString::fromLatin1(type)}, {u"data"_s, data}};
        const auto request = parseRequest(QJsonDocument(message).toJson());
        QVERIFY2(request.has_value() == accepts.split(' ').contains(name), name);
        if (!request) {
            QVERIFY2(request.error().error.message.startsWith(
                         u"/data/"_s + QString::fromLatin1(field) + u": expected"_s),
                     qPrintable(request.error().error.message));
        }
    }
}

void TestClientMessage::repeatsTheIdOfARefusedMessage()
{
    QCOMPARE(parseRequest(R"({"type":"nonsense","id":"x"})").error().id, QJsonValue(u"x"_s));
    QCOMPARE(parseRequest(R"({"type":"command","id":3})").error().id, QJsonValue(3));
    QVERIFY(parseRequest(R"({"type":)").error().id.isUndefined());
}

void TestClientMessage::boundsWhatAnErrorRepeats()
{
    const QByteArray huge(1'000'000, 'x');
    for (const QByteArray &text :
         {QByteArray(R"({"type":")" + huge + "\"}"),
          QByteArray(R"({"type":"ping","id":")" + huge + "\"}"),
          QByteArray(R"({"type":"command","data":{"action":")" + huge + R"(","process":"a"}})")}) {
        const auto request = parseRequest(text);
        QVERIFY(!request);
        QVERIFY(request.error().error.message.size() < 400);
    }
}

void TestClientMessage::refusesWhatWouldTakeMuchMemory()
{
    const auto saysAfterRefusal = [](const QByteArray &text) {
        const auto request = parseRequest(text);
        return request ? QString() : request.error().error.message;
    };
    QVERIFY(saysAfterRefusal(QByteArray(1'000'000, '[')).contains(u"deeper than 32"_s));
    QVERIFY(saysAfterRefusal(R"({"a":)" + QByteArray(31, '[') + QByteArray(31, ']') + "}")
                .startsWith(u"/type"_s));
    QVERIFY(saysAfterRefusal(R"({"a":)" + QByteArray(32, '[') + QByteArray(32, ']') + "}")
                .contains(u"deeper than 32"_s));
    QVERIFY(
        saysAfterRefusal('[' + QByteArray("1,").repeated(500'000) + "1]").contains(u"values"_s));
    QByteArray keys = "{";
    for (int i = 0; i < 1'025; ++i)
        keys += '"' + QByteArray::number(i) + R"(":0,)";
    keys.back() = '}';
    QVERIFY(saysAfterRefusal(keys).contains(u"1024 keys"_s));
}

void TestClientMessage::readsWhatItWrites()
{
    Generator generator(20260115);
    for (int i = 0; i < 2'000; ++i) {
        const Request request = generator.request();
        const QByteArray text = encodeRequest(request);
        const auto back = parseRequest(text);
        QVERIFY2(back.has_value(), text);
        QVERIFY2(*back == request, text);
    }
}

/// Bytes are changed, cut out and doubled; nothing may crash, and each refusal says something.
void TestClientMessage::survivesMutatedMessages()
{
    Generator generator(7);
    QRandomGenerator random(11);
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        QByteArray text = encodeRequest(generator.request());
        for (int n = 1 + random.bounded(3); n > 0 && !text.isEmpty(); --n) {
            const int at = random.bounded(int(text.size()));
            const int length = random.bounded(std::min(8, int(text.size()) - at) + 1);
            switch (random.bounded(3)) {
            case 0:
                text[at] = char(random.bounded(256));
                break;
            case 1:
                text.remove(at, length);
                break;
            default:
                text.insert(at, text.mid(at, length));
            }
        }
        const auto request = parseRequest(text);
        if (request)
            continue;
        ++refused;
        QVERIFY(!request.error().error.message.isEmpty());
        QVERIFY(!request.error().error.message.contains(QChar::Null));
    }
    QVERIFY(refused > 5'000);
}

QTEST_GUILESS_MAIN(TestClientMessage)
#include "tst_clientmessage.moc"

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specvalues.h"

#include "core/config/commandwords.h"
#include "core/config/cronexpression.h"
#include "core/model/processevent.h"
#include "core/model/signalname.h"
#include "core/slot/launchlimits.h"

#include <QDir>
#include <QJsonDocument>
#include <QLocale>
#include <QRegularExpression>
#include <QThread>
#include <QUrl>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype MaxEntries = 1'024;
constexpr qsizetype MaxTotal = 128 * 1'024;
constexpr int MaxPort = 65'535;
constexpr int MaxInstances = 1'000;
constexpr int MaxCpu = LaunchLimits::maxCpus - 1;
constexpr qint64 MaxAccount = LaunchLimits::Same - 1;

QJsonObject schemaOf(std::initializer_list<QLatin1StringView> types)
{
    QJsonArray names;
    for (const QLatin1StringView type : types)
        names.append(QString(type));
    return {{u"type"_s, names.size() == 1 ? names.first() : QJsonValue(names)}};
}

QJsonObject rangeSchema(qint64 min, qint64 max)
{
    return {{u"type"_s, u"integer"_s}, {u"minimum"_s, min}, {u"maximum"_s, max}};
}

QJsonObject wordSchema(const QStringList &words)
{
    return {{u"type"_s, u"string"_s}, {u"enum"_s, QJsonArray::fromStringList(words)}};
}

struct Unit
{
    QLatin1StringView name;
    double factor;
};

/// Reads "NUMBER[UNIT]" at the beginning of `text` and takes it off; NaN for anything else.
double takeQuantity(QStringView &text, std::span<const Unit> units)
{
    qsizetype digits = 0;
    while (digits < text.size() && (text[digits].isDigit() || text[digits] == u'.'))
        ++digits;
    qsizetype letters = digits;
    while (letters < text.size() && text[letters].isLetter())
        ++letters;
    bool isNumber = false;
    const double number = text.first(digits).toDouble(&isNumber);
    const QStringView name = text.sliced(digits, letters - digits);
    const auto unit = std::find_if(units.begin(), units.end(), [name](const Unit &u) {
        return name.compare(u.name, Qt::CaseInsensitive) == 0;
    });
    text = text.sliced(letters);
    return isNumber && unit != units.end() ? number * unit->factor : std::nan("");
}

std::optional<qint64> wholeOf(double value, qint64 max)
{
    // Also refuses NaN.
    if (!(value >= 0 && value <= double(max)))
        return std::nullopt;
    return qint64(std::llround(value));
}

/// The text of a value that may stand in an environment.
std::optional<QString> plainText(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool() ? u"true"_s : u"false"_s;
    if (value.isDouble()) {
        const auto whole =
            wholeIn(value, std::numeric_limits<qint64>::min(), std::numeric_limits<qint64>::max());
        return whole ? QString::number(*whole)
                     : QString::number(value.toDouble(), 'g', QLocale::FloatingPointShortest);
    }
    return value.isString() ? std::optional(value.toString()) : std::nullopt;
}

/// "3000" or "3000-3003".
std::optional<std::pair<int, int>> portRange(QStringView text)
{
    const qsizetype dash = text.indexOf(u'-');
    const auto port = [](QStringView digits) {
        const bool plain = std::all_of(digits.begin(), digits.end(),
                                       [](QChar c) { return c >= u'0' && c <= u'9'; });
        return plain ? digits.toInt() : 0; // 0 also for what is too long
    };
    const int first = port(dash < 0 ? text : text.first(dash));
    const int last = dash < 0 ? first : port(text.sliced(dash + 1));
    if (first < 1 || last < first || last > MaxPort)
        return std::nullopt;
    return std::pair(first, last);
}

/// One whole number or a list of them.
QJsonObject numbersSchema(qint64 min, qint64 max)
{
    QJsonObject schema = schemaOf({"integer"_L1, "array"_L1});
    schema.insert("items"_L1, rangeSchema(min, max));
    return schema;
}

QJsonObject textsSchema()
{
    QJsonObject schema = schemaOf({"array"_L1, "string"_L1});
    schema.insert("items"_L1, TextValue::schema());
    schema.insert("maxItems"_L1, MaxEntries);
    return schema;
}

/// One text of that kind, or a list of them.
template <typename Kind>
std::optional<QStringList> textsOf(const QJsonValue &value)
{
    QStringList texts;
    for (const QJsonValue text : value.isArray() ? value.toArray() : QJsonArray{value}) {
        if (!Kind::parse(text))
            return std::nullopt;
        texts.append(text.toString());
    }
    return texts.size() <= MaxEntries ? std::optional(texts) : std::nullopt;
}

std::optional<QList<int>> numbersOf(const QJsonValue &value, qint64 min, qint64 max)
{
    if (!value.isArray() && !value.isDouble())
        return std::nullopt;
    QList<int> numbers;
    for (const QJsonValue element : value.isArray() ? value.toArray() : QJsonArray{value}) {
        const auto number = wholeIn(element, min, max);
        if (!number || numbers.size() == MaxEntries)
            return std::nullopt;
        numbers.append(int(*number));
    }
    return numbers;
}

QJsonArray arrayOf(const QList<int> &numbers)
{
    QJsonArray array;
    for (const int number : numbers)
        array.append(number);
    return array;
}

/// "0-3,6"
std::optional<QList<int>> cpuRanges(const QString &text)
{
    static const QRegularExpression range(u"^([0-9]{1,4})(-([0-9]{1,4}))?$"_s);
    QList<int> cpus;
    for (const QString &part : text.split(u',')) {
        const auto match = range.match(part.trimmed());
        const int first = match.captured(1).toInt();
        const int last = match.capturedLength(3) > 0 ? match.captured(3).toInt() : first;
        if (!match.hasMatch() || last < first || last > MaxCpu || cpus.size() > MaxEntries)
            return std::nullopt;
        for (int cpu = first; cpu <= last; ++cpu)
            cpus.append(cpu);
    }
    return cpus;
}

/// "unlimited", or what a size may be.
std::optional<qint64> limitOf(const QJsonValue &value)
{
    if (value.toString() == "unlimited"_L1)
        return LimitPair::Unlimited;
    return SizeValue::parse(value);
}

/// One for both, or {soft, hard}; a missing one is as the other.
std::optional<LimitPair> limitPair(const QJsonValue &value)
{
    const QJsonObject object = value.toObject();
    const auto member = [&](QLatin1StringView key, QLatin1StringView other) {
        return value.isObject() ? limitOf(object.contains(key) ? object[key] : object[other])
                                : limitOf(value);
    };
    const auto soft = member("soft"_L1, "hard"_L1);
    const auto hard = member("hard"_L1, "soft"_L1);
    const qsizetype known = object.contains("soft"_L1) + object.contains("hard"_L1);
    const bool isAscending =
        soft && hard &&
        (*hard == LimitPair::Unlimited || (*soft != LimitPair::Unlimited && *soft <= *hard));
    return isAscending && object.size() == known ? std::optional(LimitPair{*soft, *hard})
                                                 : std::nullopt;
}

} // namespace

bool isValidName(QStringView name)
{
    const auto isAsciiDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
    const auto isAsciiAlnum = [&](QChar c) {
        return isAsciiDigit(c) || (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z');
    };
    const auto isAllowed = [&](QChar c) {
        return isAsciiAlnum(c) || c == u'.' || c == u'_' || c == u'-';
    };
    return !name.isEmpty() && name.size() <= 64 && isAsciiAlnum(name.front()) &&
           std::all_of(name.begin(), name.end(), isAllowed) &&
           !std::all_of(name.begin(), name.end(), isAsciiDigit) && !name.contains(u".."_s) &&
           name != "all"_L1;
}

std::optional<qint64> wholeIn(const QJsonValue &value, qint64 min, qint64 max)
{
    if (value.isString()) {
        static const QRegularExpression digits(u"^-?[0-9]{1,15}$"_s);
        const QString text = value.toString();
        return digits.match(text).hasMatch() ? wholeIn(text.toDouble(), min, max) : std::nullopt;
    }
    if (!value.isDouble())
        return std::nullopt;
    // toInteger() gives its argument back for what is no whole number of 64 bits.
    const qint64 number = value.toInteger(0);
    if (number == 0 && value.toInteger(1) != 0)
        return std::nullopt;
    return number >= min && number <= max ? std::optional(number) : std::nullopt;
}

QJsonObject NameValue::schema()
{
    return {{u"type"_s, u"string"_s},
            {u"pattern"_s, u"^(?!all$)(?!\\d+$)(?!.*\\.\\.)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"_s}};
}
std::optional<QString> NameValue::parse(const QJsonValue &value)
{
    const QString name = value.toString();
    return value.isString() && isValidName(name) ? std::optional(name) : std::nullopt;
}

QJsonObject TextValue::schema()
{
    return {{u"type"_s, u"string"_s}, {u"minLength"_s, 1}};
}
std::optional<QString> TextValue::parse(const QJsonValue &value)
{
    const QString text = value.toString();
    return text.trimmed().isEmpty() ? std::nullopt : std::optional(text);
}

std::optional<QString> PathValue::parse(const QJsonValue &value)
{
    const QString path = value.toString();
    return QDir::isAbsolutePath(path) ? std::optional(path) : std::nullopt;
}

QJsonObject PathsValue::schema()
{
    return textsSchema();
}
std::optional<QStringList> PathsValue::parse(const QJsonValue &value)
{
    return textsOf<PathValue>(value);
}

QJsonObject WatchValue::schema()
{
    QJsonObject schema = PathsValue::schema();
    schema.insert("type"_L1, QJsonArray{u"boolean"_s, u"array"_s, u"string"_s});
    return schema;
}
std::optional<std::optional<QStringList>> WatchValue::parse(const QJsonValue &value)
{
    using Watched = std::optional<QStringList>;
    if (value.isBool())
        return value.toBool() ? Watched(QStringList()) : Watched();
    const Watched paths = PathsValue::parse(value);
    if (!paths || paths->isEmpty())
        return std::nullopt;
    return std::optional<Watched>(paths);
}
QJsonValue WatchValue::write(const QStringList &value)
{
    return value.isEmpty() ? QJsonValue(true) : QJsonValue(QJsonArray::fromStringList(value));
}

QJsonObject PatternsValue::schema()
{
    return textsSchema();
}
std::optional<QStringList> PatternsValue::parse(const QJsonValue &value)
{
    return textsOf<TextValue>(value);
}

std::optional<QString> UrlValue::parse(const QJsonValue &value)
{
    const QString text = value.toString();
    QString filled = text;
    const QUrl url(filled.replace("{port}"_L1, "1"_L1), QUrl::StrictMode);
    const bool isHttp = url.scheme() == "http"_L1 || url.scheme() == "https"_L1;
    return url.isValid() && isHttp && !url.host().isEmpty() ? std::optional(text) : std::nullopt;
}

std::optional<bool> BoolValue::parse(const QJsonValue &value)
{
    return value.isBool() ? std::optional(value.toBool()) : std::nullopt;
}

QJsonObject CountValue::schema()
{
    return rangeSchema(1, 100'000);
}
std::optional<int> CountValue::parse(const QJsonValue &value)
{
    return wholeIn(value, 1, 100'000);
}

QJsonObject AmountValue::schema()
{
    return rangeSchema(0, 100'000);
}
std::optional<int> AmountValue::parse(const QJsonValue &value)
{
    return wholeIn(value, 0, 100'000);
}

QJsonObject RestartLimitValue::schema()
{
    return schemaOf({"integer"_L1, "string"_L1});
}
std::optional<int> RestartLimitValue::parse(const QJsonValue &value)
{
    if (value.toString() == "unlimited"_L1)
        return ProcessSpec::Unlimited;
    return wholeIn(value, 0, 1'000'000);
}
QJsonValue RestartLimitValue::write(int value)
{
    return value == ProcessSpec::Unlimited ? QJsonValue(u"unlimited"_s) : QJsonValue(value);
}

QJsonObject InstancesValue::schema()
{
    return schemaOf({"integer"_L1, "string"_L1});
}
std::optional<int> InstancesValue::parse(const QJsonValue &value)
{
    const int cores = std::max(1, QThread::idealThreadCount());
    const bool isMax = value.toString() == "max"_L1;
    const auto number =
        isMax ? std::optional<qint64>(0) : wholeIn(value, -MaxInstances, MaxInstances);
    if (!number)
        return std::nullopt;
    return *number > 0 ? int(*number) : std::max(1, cores + int(*number));
}

QJsonObject DurationValue::schema()
{
    return schemaOf({"integer"_L1, "string"_L1});
}
std::optional<milliseconds> DurationValue::parse(const QJsonValue &value)
{
    constexpr qint64 max = 366LL * 86'400'000;
    static constexpr std::array<Unit, 5> units{
        {{"ms"_L1, 1}, {"s"_L1, 1e3}, {"m"_L1, 6e4}, {"h"_L1, 36e5}, {"d"_L1, 864e5}}};
    if (const auto number = wholeIn(value, 0, max))
        return milliseconds(*number);
    const QString text = value.toString();
    if (text.isEmpty())
        return std::nullopt;
    double sum = 0;
    for (QStringView rest = text; !rest.isEmpty();) {
        const qsizetype before = rest.size();
        sum += takeQuantity(rest, units);
        if (std::isnan(sum) || rest.size() == before)
            return std::nullopt;
    }
    const auto whole = wholeOf(sum, max);
    return whole ? std::optional(milliseconds(*whole)) : std::nullopt;
}

std::optional<milliseconds> PeriodValue::parse(const QJsonValue &value)
{
    const auto duration = DurationValue::parse(value);
    return duration && duration->count() > 0 ? duration : std::nullopt;
}

QJsonObject SizeValue::schema()
{
    return schemaOf({"integer"_L1, "string"_L1});
}
std::optional<qint64> SizeValue::parse(const QJsonValue &value)
{
    constexpr qint64 max = qint64(1) << 52; // exact as a JSON number
    constexpr double kib = 1'024;
    static constexpr std::array<Unit, 14> units{{
        {""_L1, 1},
        {"b"_L1, 1},
        {"k"_L1, kib},
        {"kb"_L1, kib},
        {"kib"_L1, kib},
        {"m"_L1, kib * kib},
        {"mb"_L1, kib * kib},
        {"mib"_L1, kib * kib},
        {"g"_L1, kib * kib * kib},
        {"gb"_L1, kib * kib * kib},
        {"gib"_L1, kib * kib * kib},
        {"t"_L1, kib * kib * kib * kib},
        {"tb"_L1, kib * kib * kib * kib},
        {"tib"_L1, kib * kib * kib * kib},
    }};
    if (value.isDouble())
        return wholeIn(value, 0, max);
    const QString text = value.toString();
    QStringView rest = text;
    const double bytes = takeQuantity(rest, units);
    return rest.isEmpty() ? wholeOf(bytes, max) : std::nullopt;
}

QJsonObject SignalValue::schema()
{
    return schemaOf({"integer"_L1, "string"_L1});
}
std::optional<int> SignalValue::parse(const QJsonValue &value)
{
    const auto number = wholeIn(value, 1, 64);
    return signalFromString(number ? QString::number(*number) : value.toString());
}
QJsonValue SignalValue::write(int value)
{
    return signalName(value);
}

QJsonObject PortsValue::schema()
{
    return schemaOf({"integer"_L1, "string"_L1});
}
std::optional<PortSpec> PortsValue::parse(const QJsonValue &value)
{
    if (const auto port = wholeIn(value, 1, MaxPort))
        return PortSpec{PortSpec::Kind::Single, int(*port), int(*port)};
    const QString text = value.toString();
    constexpr auto prefix = "auto:"_L1;
    const bool isAuto = text.startsWith(prefix);
    const QStringView range = QStringView(text).sliced(isAuto ? prefix.size() : 0);
    const auto ports = portRange(range);
    if (!ports)
        return std::nullopt;
    const bool isRange = range.contains(u'-');
    const auto kind =
        isAuto ? PortSpec::Kind::Auto : (isRange ? PortSpec::Kind::Range : PortSpec::Kind::Single);
    return PortSpec{kind, ports->first, ports->second};
}
QJsonValue PortsValue::write(const PortSpec &value)
{
    const QString range = u"%1-%2"_s.arg(value.first).arg(value.last);
    switch (value.kind) {
    case PortSpec::Kind::Single:
        return value.first;
    case PortSpec::Kind::Range:
        return range;
    case PortSpec::Kind::Auto:
        break;
    }
    return QString(u"auto:"_s + range);
}

QJsonObject PortValue::schema()
{
    return rangeSchema(1, MaxPort);
}
std::optional<int> PortValue::parse(const QJsonValue &value)
{
    return wholeIn(value, 1, MaxPort);
}

QJsonObject ArgumentsValue::schema()
{
    QJsonObject schema = schemaOf({"array"_L1, "string"_L1});
    schema.insert("items"_L1, schemaOf({"string"_L1, "number"_L1}));
    schema.insert("maxItems"_L1, MaxEntries);
    return schema;
}
std::optional<QStringList> ArgumentsValue::parse(const QJsonValue &value)
{
    QStringList list;
    if (value.isString())
        list = commandWords(value.toString());
    else if (!value.isArray())
        return std::nullopt;
    for (const QJsonValue element : value.toArray()) {
        const auto text = element.isBool() ? std::nullopt : plainText(element);
        if (!text)
            return std::nullopt;
        list.append(*text);
    }
    qsizetype total = 0;
    for (const QString &text : std::as_const(list))
        total += text.toUtf8().size() + 1;
    return list.size() <= MaxEntries && total <= MaxTotal ? std::optional(list) : std::nullopt;
}

namespace {

/// An object or a list becomes its JSON, as with PM2.
std::optional<QString> environmentText(const QJsonValue &value)
{
    if (value.isObject())
        return QString::fromUtf8(QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact));
    if (value.isArray())
        return QString::fromUtf8(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact));
    return plainText(value);
}

} // namespace

QJsonObject EnvironmentValue::schema()
{
    QJsonObject schema = schemaOf({"object"_L1});
    schema.insert("additionalProperties"_L1,
                  schemaOf({"string"_L1, "number"_L1, "boolean"_L1, "object"_L1, "array"_L1}));
    return schema;
}
std::optional<QMap<QString, QString>> EnvironmentValue::parse(const QJsonValue &value)
{
    if (!value.isObject())
        return std::nullopt;
    QMap<QString, QString> environment;
    qsizetype total = 0;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const auto text = environmentText(it.value());
        if (!text || it.key().isEmpty() || it.key().contains(u'='))
            return std::nullopt;
        total += it.key().toUtf8().size() + text->toUtf8().size() + 2;
        environment.insert(it.key(), *text);
    }
    const bool fits = environment.size() <= MaxEntries && total <= MaxTotal;
    return fits ? std::optional(environment) : std::nullopt;
}
QJsonValue EnvironmentValue::write(const QMap<QString, QString> &value)
{
    QJsonObject object;
    for (auto it = value.begin(); it != value.end(); ++it)
        object.insert(it.key(), it.value());
    return object;
}

std::optional<QMap<QString, QString>> HeadersValue::parse(const QJsonValue &value)
{
    const auto headers = EnvironmentValue::parse(value);
    if (!headers)
        return std::nullopt;
    const auto isControl = [](QChar c) { return c < u' ' || c == u'\x7f'; };
    const auto isToken = [](QChar c) {
        return c > u' ' && c < u'\x7f' && !u"\"(),/:;<=>?@[\\]{}"_s.contains(c);
    };
    for (auto it = headers->begin(); it != headers->end(); ++it) {
        if (!std::all_of(it.key().begin(), it.key().end(), isToken) ||
            std::any_of(it.value().begin(), it.value().end(), isControl))
            return std::nullopt;
    }
    return headers;
}

QJsonObject FilterValue::schema()
{
    QJsonObject schema = schemaOf({"boolean"_L1, "array"_L1});
    schema.insert("items"_L1, TextValue::schema());
    schema.insert("maxItems"_L1, MaxEntries);
    return schema;
}
std::optional<QStringList> FilterValue::parse(const QJsonValue &value)
{
    if (value.isBool())
        return value.toBool() ? QStringList{u""_s} : QStringList{};
    QStringList names;
    if (!value.isArray())
        return std::nullopt;
    for (const QJsonValue name : value.toArray()) {
        if (!TextValue::parse(name) || names.size() == MaxEntries)
            return std::nullopt;
        names.append(name.toString());
    }
    return names;
}
QJsonValue FilterValue::write(const QStringList &value)
{
    return value == QStringList{u""_s} ? QJsonValue(true)
                                       : QJsonValue(QJsonArray::fromStringList(value));
}

QJsonObject VariableValue::schema()
{
    return {{u"type"_s, u"string"_s}, {u"pattern"_s, u"^[A-Za-z_][A-Za-z0-9_]*$"_s}};
}
std::optional<QString> VariableValue::parse(const QJsonValue &value)
{
    static const QRegularExpression name(u"^[A-Za-z_][A-Za-z0-9_]*$"_s);
    return name.match(value.toString()).hasMatch() ? std::optional(value.toString()) : std::nullopt;
}

namespace {

constexpr std::array overlapWords{"skip"_L1, "queue"_L1, "kill"_L1}; // in the order of Overlap
constexpr std::array logTypeWords{"raw"_L1, "json"_L1};              // in the order of LogType

template <typename Enum, std::size_t Count>
std::optional<Enum> fromWord(const std::array<QLatin1StringView, Count> &words,
                             const QJsonValue &value)
{
    const auto word = std::find(words.begin(), words.end(), value.toString());
    return word == words.end() ? std::nullopt : std::optional(Enum(word - words.begin()));
}

constexpr std::array restartWords = {
    std::pair{RestartWhen::Always, "always"_L1},
    std::pair{RestartWhen::OnFailure, "on_failure"_L1},
    std::pair{RestartWhen::Never, "never"_L1},
};

} // namespace

QJsonObject RestartWhenValue::schema()
{
    QStringList words;
    for (const auto &[when, word] : restartWords)
        words.append(word);
    return wordSchema(words);
}
std::optional<RestartWhen> RestartWhenValue::parse(const QJsonValue &value)
{
    for (const auto &[when, word] : restartWords) {
        if (value.toString() == word)
            return when;
    }
    return std::nullopt;
}
QJsonValue RestartWhenValue::write(RestartWhen value)
{
    return QString(restartWords[std::size_t(value)].second);
}

QJsonObject CronValue::schema()
{
    return TextValue::schema();
}
std::optional<QString> CronValue::parse(const QJsonValue &value)
{
    return CronExpression::parse(value.toString()) ? std::optional(value.toString()) : std::nullopt;
}

QJsonObject OverlapValue::schema()
{
    return wordSchema({overlapWords.begin(), overlapWords.end()});
}
std::optional<Overlap> OverlapValue::parse(const QJsonValue &value)
{
    return fromWord<Overlap>(overlapWords, value);
}
QJsonValue OverlapValue::write(Overlap value)
{
    return QString(overlapWords[std::size_t(value)]);
}

QJsonObject LogTypeValue::schema()
{
    return wordSchema({logTypeWords.begin(), logTypeWords.end()});
}
std::optional<LogType> LogTypeValue::parse(const QJsonValue &value)
{
    return fromWord<LogType>(logTypeWords, value);
}
QJsonValue LogTypeValue::write(LogType value)
{
    return QString(logTypeWords[std::size_t(value)]);
}

QJsonObject InputValue::schema()
{
    return wordSchema({u"pipe"_s});
}
std::optional<bool> InputValue::parse(const QJsonValue &value)
{
    return value.toString() == "pipe"_L1 ? std::optional(true) : std::nullopt;
}
QJsonValue InputValue::write(bool)
{
    return u"pipe"_s;
}

QJsonObject TimezoneValue::schema()
{
    return TextValue::schema();
}
std::optional<QString> TimezoneValue::parse(const QJsonValue &value)
{
    const QString name = value.toString();
    return !name.isEmpty() && timeZoneNamed(name) ? std::optional(name) : std::nullopt;
}

QJsonObject ExitCodesValue::schema()
{
    return numbersSchema(0, 255);
}
std::optional<QList<int>> ExitCodesValue::parse(const QJsonValue &value)
{
    return numbersOf(value, 0, 255);
}
QJsonValue ExitCodesValue::write(const QList<int> &value)
{
    return arrayOf(value);
}

QJsonObject NiceValue::schema()
{
    return rangeSchema(-20, 19);
}
std::optional<int> NiceValue::parse(const QJsonValue &value)
{
    return wholeIn(value, -20, 19);
}

QJsonObject OomScoreValue::schema()
{
    return rangeSchema(-1'000, 1'000);
}
std::optional<int> OomScoreValue::parse(const QJsonValue &value)
{
    return wholeIn(value, -1'000, 1'000);
}

QJsonObject CpusValue::schema()
{
    QJsonObject schema = numbersSchema(0, MaxCpu);
    schema.insert("type"_L1, QJsonArray{u"integer"_s, u"string"_s, u"array"_s});
    return schema;
}
std::optional<QList<int>> CpusValue::parse(const QJsonValue &value)
{
    std::optional<QList<int>> cpus =
        value.isString() ? cpuRanges(value.toString()) : numbersOf(value, 0, MaxCpu);
    if (!cpus)
        return std::nullopt;
    std::sort(cpus->begin(), cpus->end());
    cpus->erase(std::unique(cpus->begin(), cpus->end()), cpus->end());
    return cpus;
}
QJsonValue CpusValue::write(const QList<int> &value)
{
    return arrayOf(value);
}

QJsonObject UmaskValue::schema()
{
    QJsonObject schema = schemaOf({"string"_L1, "integer"_L1});
    schema.insert("pattern"_L1, u"^0?[0-7]{1,3}$"_s);
    schema.insert("minimum"_L1, 0);
    schema.insert("maximum"_L1, 777);
    return schema;
}
std::optional<int> UmaskValue::parse(const QJsonValue &value)
{
    static const QRegularExpression octal(u"^0?[0-7]{1,3}$"_s);
    const auto number = wholeIn(value, 0, 777);
    const QString digits = number ? QString::number(*number) : value.toString();
    return octal.match(digits).hasMatch() ? std::optional(digits.toInt(nullptr, 8)) : std::nullopt;
}
QJsonValue UmaskValue::write(int value)
{
    return u"%1"_s.arg(value, 3, 8, QChar(u'0'));
}

QJsonObject LimitsValue::schema()
{
    const QJsonObject limit = schemaOf({"integer"_L1, "string"_L1});
    QJsonObject pair = schemaOf({"integer"_L1, "string"_L1, "object"_L1});
    pair.insert("properties"_L1, QJsonObject{{u"soft"_s, limit}, {u"hard"_s, limit}});
    pair.insert("additionalProperties"_L1, false);
    QJsonObject properties;
    for (const char *const *name = resourceNames(); *name; ++name)
        properties.insert(QLatin1StringView(*name), pair);
    return {{u"type"_s, u"object"_s},
            {u"properties"_s, properties},
            {u"additionalProperties"_s, false}};
}
std::optional<QMap<QString, LimitPair>> LimitsValue::parse(const QJsonValue &value)
{
    if (!value.isObject())
        return std::nullopt;
    QMap<QString, LimitPair> limits;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const auto pair = limitPair(it.value());
        if (!pair || resourceNumber(it.key().toLatin1().constData()) < 0)
            return std::nullopt;
        limits.insert(it.key(), *pair);
    }
    return limits;
}
QJsonValue LimitsValue::write(const QMap<QString, LimitPair> &value)
{
    const auto limit = [](qint64 number) {
        return number == LimitPair::Unlimited ? QJsonValue(u"unlimited"_s) : QJsonValue(number);
    };
    QJsonObject object;
    for (auto it = value.cbegin(); it != value.cend(); ++it) {
        object.insert(it.key(), it->soft == it->hard
                                    ? limit(it->soft)
                                    : QJsonValue(QJsonObject{{u"soft"_s, limit(it->soft)},
                                                             {u"hard"_s, limit(it->hard)}}));
    }
    return object;
}

QJsonObject AccountValue::schema()
{
    return schemaOf({"string"_L1, "integer"_L1});
}
std::optional<QString> AccountValue::parse(const QJsonValue &value)
{
    static const QRegularExpression name(u"^([0-9]{1,10}|[A-Za-z_][A-Za-z0-9_.-]{0,63}\\$?)$"_s);
    const auto number = wholeIn(value, 0, MaxAccount);
    const QString text = number ? QString::number(*number) : value.toString();
    bool isNumber = false;
    const qint64 given = text.toLongLong(&isNumber);
    const bool isAccepted = name.match(text).hasMatch() && (!isNumber || given <= MaxAccount);
    return isAccepted ? std::optional(text) : std::nullopt;
}

namespace {

constexpr std::array conditionWords = {
    std::pair{DependencyCondition::Started, "started"_L1},
    std::pair{DependencyCondition::Healthy, "healthy"_L1},
    std::pair{DependencyCondition::Completed, "completed"_L1},
    std::pair{DependencyCondition::CompletedSuccessfully, "completed_successfully"_L1},
};

std::optional<DependencyCondition> conditionOf(const QJsonValue &value)
{
    if (value.isNull() || value.isUndefined())
        return DependencyCondition::Started;
    QString text = value.toString();
    for (const QLatin1StringView prefix : {"process_"_L1, "service_"_L1}) {
        if (text.startsWith(prefix))
            text.remove(0, prefix.size());
    }
    for (const auto &[condition, word] : conditionWords) {
        if (text == word)
            return condition;
    }
    return std::nullopt;
}

} // namespace

QLatin1StringView toString(DependencyCondition condition)
{
    return conditionWords[std::size_t(condition)].second;
}

QJsonObject DependenciesValue::schema()
{
    QStringList words;
    for (const auto &[condition, word] : conditionWords)
        words.append(word);
    const QJsonObject dependency{
        {u"type"_s, u"object"_s},
        {u"properties"_s, QJsonObject{{u"condition"_s, wordSchema(words)}}},
        {u"additionalProperties"_s, false}};
    QJsonObject schema = schemaOf({"array"_L1, "object"_L1});
    schema.insert("items"_L1, NameValue::schema());
    schema.insert("additionalProperties"_L1, dependency);
    return schema;
}
std::optional<QMap<QString, DependencyCondition>> DependenciesValue::parse(const QJsonValue &value)
{
    QMap<QString, DependencyCondition> dependencies;
    if (!value.isArray() && !value.isObject())
        return std::nullopt;
    for (const QJsonValue name : value.toArray()) {
        if (!isValidName(name.toString()))
            return std::nullopt;
        dependencies.insert(name.toString(), DependencyCondition::Started);
    }
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const QJsonObject members = it->toObject();
        const bool isObject = it->isObject();
        const auto condition = conditionOf(isObject ? members["condition"_L1] : QJsonValue(*it));
        if (!isValidName(it.key()) || !condition ||
            members.size() > members.contains("condition"_L1))
            return std::nullopt;
        dependencies.insert(it.key(), *condition);
    }
    return dependencies;
}
QJsonValue DependenciesValue::write(const QMap<QString, DependencyCondition> &value)
{
    QJsonObject object;
    for (auto it = value.cbegin(); it != value.cend(); ++it)
        object.insert(it.key(), QJsonObject{{u"condition"_s, QString(toString(*it))}});
    return object;
}

QJsonObject StatusCodesValue::schema()
{
    return numbersSchema(100, 599);
}
std::optional<QList<int>> StatusCodesValue::parse(const QJsonValue &value)
{
    return numbersOf(value, 100, 599);
}
QJsonValue StatusCodesValue::write(const QList<int> &value)
{
    return arrayOf(value);
}

QJsonObject CheckTypeValue::schema()
{
    return wordSchema({u"http"_s, u"tcp"_s, u"script"_s});
}
std::optional<CheckType> CheckTypeValue::parse(const QJsonValue &value)
{
    return checkTypeFromString(value.toString());
}
QJsonValue CheckTypeValue::write(CheckType value)
{
    return QString(toString(value));
}

QJsonObject OnUnhealthyValue::schema()
{
    return wordSchema({u"restart"_s, u"none"_s});
}
std::optional<HealthCheckSpec::OnUnhealthy> OnUnhealthyValue::parse(const QJsonValue &value)
{
    using enum HealthCheckSpec::OnUnhealthy;
    if (value.toString() == "restart"_L1)
        return Restart;
    return value.toString() == "none"_L1 ? std::optional(None) : std::nullopt;
}
QJsonValue OnUnhealthyValue::write(HealthCheckSpec::OnUnhealthy value)
{
    return value == HealthCheckSpec::OnUnhealthy::Restart ? u"restart"_s : u"none"_s;
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/specvalues.h"

#include "core/config/commandwords.h"
#include "core/model/processevent.h"
#include "core/model/signalname.h"

#include <QDir>
#include <QLocale>
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
    QJsonObject schema = schemaOf({"array"_L1, "string"_L1});
    schema.insert("items"_L1, PathValue::schema());
    schema.insert("maxItems"_L1, MaxEntries);
    return schema;
}
std::optional<QStringList> PathsValue::parse(const QJsonValue &value)
{
    QStringList paths;
    for (const QJsonValue path : value.isArray() ? value.toArray() : QJsonArray{value}) {
        if (!PathValue::parse(path))
            return std::nullopt;
        paths.append(path.toString());
    }
    return paths.size() <= MaxEntries ? std::optional(paths) : std::nullopt;
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

QJsonObject EnvironmentValue::schema()
{
    QJsonObject schema = schemaOf({"object"_L1});
    schema.insert("additionalProperties"_L1, schemaOf({"string"_L1, "number"_L1, "boolean"_L1}));
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
        const auto text = plainText(it.value());
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

QJsonObject StatusCodesValue::schema()
{
    QJsonObject schema = schemaOf({"integer"_L1, "array"_L1});
    schema.insert("items"_L1, rangeSchema(100, 599));
    return schema;
}
std::optional<QList<int>> StatusCodesValue::parse(const QJsonValue &value)
{
    if (!value.isArray() && !value.isDouble())
        return std::nullopt;
    const QJsonArray array = value.isArray() ? value.toArray() : QJsonArray{value};
    QList<int> codes;
    for (const QJsonValue element : array) {
        const auto code = wholeIn(element, 100, 599);
        if (!code || codes.size() == 100)
            return std::nullopt;
        codes.append(int(*code));
    }
    return codes;
}
QJsonValue StatusCodesValue::write(const QList<int> &value)
{
    QJsonArray array;
    for (const int code : value)
        array.append(code);
    return array;
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

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/protocol/jsonbuffer.h"

#include <QJsonDocument>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace pmdaemon {

namespace {

constexpr std::array<qint64, 3> powersOfTen{1, 10, 100};

/// 1 for each ASCII character that cannot stand in a JSON text as it is.
constexpr std::array<uchar, 128> needsEscape = [] {
    std::array<uchar, 128> table{};
    for (std::size_t c = 0; c < 0x20; ++c)
        table[c] = 1;
    table['"'] = table['\\'] = 1;
    return table;
}();

/// `value` as exactly `digits` decimal digits.
char *writeDigits(char *at, int value, int digits)
{
    for (int i = digits - 1; i >= 0; --i) {
        at[i] = char('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

} // namespace

qint64 scaledToInt(double value, int digits)
{
    constexpr double limit = 1e15;
    if (std::isnan(value))
        return 0;
    const double scaled = std::clamp(value * double(powersOfTen[digits]), -limit, limit);
    return qint64(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

double roundedTo(double value, int digits)
{
    return double(scaledToInt(value, digits)) / double(powersOfTen[digits]);
}

JsonBuffer::JsonBuffer(qsizetype capacity)
    : m_bytes(capacity, Qt::Uninitialized)
    , m_begin(m_bytes.data())
    , m_at(m_begin)
    , m_end(m_begin + capacity)
{}

void JsonBuffer::grow(qsizetype size)
{
    const qsizetype used = this->size();
    QByteArray larger(std::max(used + size, 2 * m_bytes.size()), Qt::Uninitialized);
    std::memcpy(larger.data(), m_begin, std::size_t(used));
    m_bytes = std::move(larger);
    m_begin = m_bytes.data();
    m_at = m_begin + used;
    m_end = m_begin + m_bytes.size();
}

QByteArray JsonBuffer::take()
{
    m_bytes.resize(size());
    m_begin = m_at = m_end = nullptr;
    return std::move(m_bytes);
}

void JsonBuffer::close(char end)
{
    if (m_at[-1] == ',')
        m_at[-1] = end;
    else
        raw(end);
}

void JsonBuffer::number(qint64 value)
{
    ensure(20);
    if (value >= 0 && value < 10) {
        *m_at++ = char('0' + value);
        return;
    }
    m_at = std::to_chars(m_at, m_end, value).ptr;
}

void JsonBuffer::decimal(double value, int digits)
{
    const qint64 scaled = scaledToInt(value, digits);
    const qint64 magnitude = scaled < 0 ? -scaled : scaled;
    ensure(24);
    if (scaled < 0)
        *m_at++ = '-';
    m_at = std::to_chars(m_at, m_end, magnitude / powersOfTen[digits]).ptr;
    *m_at++ = '.';
    m_at = writeDigits(m_at, int(magnitude % powersOfTen[digits]), digits);
}

void JsonBuffer::text(QStringView value)
{
    ensure(value.size() + 2);
    char *at = m_at;
    *at++ = '"';
    uint special = 0;
    for (const char16_t c : std::u16string_view(value.utf16(), std::size_t(value.size()))) {
        special |= (c >> 7) | needsEscape[c & 127];
        *at++ = char(c);
    }
    if (special)
        return utf8(value.toUtf8());
    *at++ = '"';
    m_at = at;
}

void JsonBuffer::utf8(QByteArrayView value)
{
    raw('"');
    if (value.isEmpty()) // its data may be null, which memcpy must not get
        return raw('"');
    const char *run = value.begin();
    for (const char *at = run; at != value.end(); ++at) {
        const uchar c = uchar(*at);
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        raw(run, at - run);
        escaped(c);
        run = at + 1;
    }
    raw(run, value.end() - run);
    raw('"');
}

void JsonBuffer::escaped(uchar c)
{
    constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        return raw("\\\"", 2);
    case '\\':
        return raw("\\\\", 2);
    case '\n':
        return raw("\\n", 2);
    case '\r':
        return raw("\\r", 2);
    case '\t':
        return raw("\\t", 2);
    default:
        const char code[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        raw(code, sizeof code);
    }
}

void JsonBuffer::word(QLatin1StringView value)
{
    ensure(value.size() + 2);
    *m_at++ = '"';
    std::memcpy(m_at, value.data(), std::size_t(value.size()));
    m_at += value.size();
    *m_at++ = '"';
}

void JsonBuffer::time(WallTime value)
{
    using namespace std::chrono;
    const auto day = floor<days>(value);
    const year_month_day date(day);
    const int year = int(date.year());
    if (year < 0 || year > 9999) // not what RFC 3339 can say: the nearest that it can
        return time(year < 0 ? WallTime{sys_days{year_month_day{0y, January, 1d}}}
                             : WallTime{sys_days{year_month_day{9999y, December, 31d}}});
    const int ms = int((value - day).count());
    const struct
    {
        int value;
        int digits;
        char after;
    } parts[] = {{year, 4, '-'},
                 {int(unsigned(date.month())), 2, '-'},
                 {int(unsigned(date.day())), 2, 'T'},
                 {ms / 3'600'000, 2, ':'},
                 {ms / 60'000 % 60, 2, ':'},
                 {ms / 1'000 % 60, 2, '.'},
                 {ms % 1'000, 3, 'Z'}};
    ensure(26);
    *m_at++ = '"';
    for (const auto &part : parts) {
        m_at = writeDigits(m_at, part.value, part.digits);
        *m_at++ = part.after;
    }
    *m_at++ = '"';
}

void JsonBuffer::object(const QJsonObject &value)
{
    raw(QJsonDocument(value).toJson(QJsonDocument::Compact));
}

void JsonBuffer::scalar(const QJsonValue &value)
{
    if (value.isString())
        return text(value.toString());
    if (!value.isDouble())
        return raw("null", 4);
    const qint64 whole = value.toInteger(0);
    if (whole != 0 || value.toInteger(1) == 0)
        return number(whole);
    ensure(32);
    m_at = std::to_chars(m_at, m_end, value.toDouble()).ptr;
}

} // namespace pmdaemon

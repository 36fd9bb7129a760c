// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/strictjson.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>
// The reader asserts what it does not check itself, that an escape is no lone low surrogate; the
// builder refuses those.
#define RAPIDJSON_ASSERT(condition) static_cast<void>(0)
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <utility>
#include <vector>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr char halfPair[] = "the text holds half of a surrogate pair";

/// What makes a text unusable although the grammar allows it.
const char *brokenText(QStringView text)
{
    if (text.contains(QChar::Null))
        return "the text holds the character U+0000";
    return text.isValidUtf16() ? nullptr : halfPair;
}

/// Receives RapidJSON's events and builds Qt's values; returns false at the first broken rule.
class Builder
{
public:
    using Ch = char16_t;

    Builder(QByteArrayView text, const rapidjson::MemoryStream &stream, const JsonRules &rules)
        : m_text(text)
        , m_stream(stream)
        , m_rules(rules)
    {}

    bool Null() { return add(QJsonValue(QJsonValue::Null)); }
    bool Bool(bool value) { return add(QJsonValue(value)); }
    bool Int(int value) { return add(QJsonValue(value)); }
    bool Uint(unsigned value) { return add(QJsonValue(qint64(value))); }
    bool Int64(int64_t value) { return add(QJsonValue(qint64(value))); }
    bool Uint64(uint64_t value)
    {
        if (value > uint64_t(std::numeric_limits<qint64>::max()))
            return add(QJsonValue(double(value)));
        return add(QJsonValue(qint64(value)));
    }
    bool Double(double value) { return add(QJsonValue(value)); }
    bool RawNumber(const Ch *, rapidjson::SizeType, bool) { return false; }
    bool String(const Ch *text, rapidjson::SizeType size, bool)
    {
        const QStringView value(text, qsizetype(size));
        if (const char *broken = brokenText(value))
            return noteValue() && refuse(QString::fromLatin1(broken));
        return add(QJsonValue(value.toString()));
    }

    bool StartObject() { return open(true); }
    bool StartArray() { return open(false); }
    bool Key(const Ch *text, rapidjson::SizeType size, bool);
    bool EndObject(rapidjson::SizeType);
    bool EndArray(rapidjson::SizeType);

    /// Of the value that was read last; `next` = of the one that could not be read.
    QString pointer(bool next = false) const;
    qsizetype offsetOf(const QString &pointer, qsizetype fallback) const
    {
        return m_offsets.value(pointer, fallback);
    }
    ParsedJson take() { return {std::move(m_root), std::move(m_offsets)}; }
    QString message() const { return m_message; }

private:
    struct Member
    {
        QString key;
        QJsonValue value;
    };
    struct Frame
    {
        bool isObject = false;
        QString key;          ///< object: of the member that is being read
        qsizetype index = -1; ///< array: of the element that is being read
        std::vector<Member> members;
        QJsonArray elements;
    };

    bool refuse(QString message)
    {
        m_message = std::move(message);
        return false;
    }
    bool noteValue(bool opens = false);
    bool open(bool isObject);
    bool add(QJsonValue value) { return noteValue() && put(std::move(value)); }
    bool put(QJsonValue value);
    void noteOffset(qsizetype offset);
    /// Of the token that has been read.
    qsizetype tokenStart() const;

    QByteArrayView m_text;
    const rapidjson::MemoryStream &m_stream;
    const JsonRules &m_rules;
    std::vector<Frame> m_frames;
    QJsonValue m_root;
    QHash<QString, qsizetype> m_offsets;
    QString m_message;
    int m_values = 0;
    qsizetype m_pointerCharacters = 0;
};

QString Builder::pointer(bool next) const
{
    QString path;
    for (const Frame &frame : m_frames) {
        const bool last = &frame == &m_frames.back();
        const qsizetype index = frame.index + (next && last ? 1 : 0);
        if (frame.isObject ? !frame.key.isNull() : index >= 0)
            path = pointerTo(path, frame.isObject ? frame.key : QString::number(index));
    }
    return path;
}

void Builder::noteOffset(qsizetype offset)
{
    // Long keys around many values would make pointers that take far more than the text.
    constexpr qsizetype MaxCharacters = 32 * 1024 * 1024;
    if (m_pointerCharacters > MaxCharacters)
        return;
    const QString where = pointer();
    m_pointerCharacters += where.size();
    m_offsets.insert(where, offset);
}

/// A string holds no quote that is not escaped, so the first bare one on the way back opens it.
qsizetype Builder::tokenStart() const
{
    qsizetype at = qsizetype(m_stream.Tell()) - 1;
    if (m_text[at] != '"') {
        const auto inToken = [](char c) {
            return std::isalnum(uchar(c)) || c == '-' || c == '.' || c == '+';
        };
        while (at > 0 && inToken(m_text[at - 1]))
            --at;
        return at;
    }
    while (--at > 0) {
        if (m_text[at] != '"')
            continue;
        qsizetype backslashes = 0;
        while (backslashes < at && m_text[at - backslashes - 1] == '\\')
            ++backslashes;
        if (backslashes % 2 == 0)
            break;
    }
    return at;
}

/// A scalar has been read, or a container begins at the next byte: counts it and moves the pointer
/// to it.
bool Builder::noteValue(bool opens)
{
    if (!m_frames.empty() && !m_frames.back().isObject) {
        ++m_frames.back().index;
        if (m_rules.keepOffsets)
            noteOffset(opens ? qsizetype(m_stream.Tell()) : tokenStart());
    }
    if (++m_values > m_rules.maxValues)
        return refuse(u"more than %1 values; send less at once"_s.arg(m_rules.maxValues));
    return true;
}

bool Builder::open(bool isObject)
{
    if (!noteValue(true))
        return false;
    if (int(m_frames.size()) >= m_rules.maxDepth)
        return refuse(u"nested deeper than %1 levels"_s.arg(m_rules.maxDepth));
    m_frames.push_back({isObject, {}, -1, {}, {}});
    return true;
}

bool Builder::put(QJsonValue value)
{
    if (m_frames.empty())
        m_root = std::move(value);
    else if (m_frames.back().isObject)
        m_frames.back().members.push_back({m_frames.back().key, std::move(value)});
    else
        m_frames.back().elements.append(std::move(value));
    return true;
}

bool Builder::Key(const Ch *text, rapidjson::SizeType size, bool)
{
    Frame &frame = m_frames.back();
    if (int(frame.members.size()) >= m_rules.maxKeys)
        return refuse(u"more than %1 keys in one object"_s.arg(m_rules.maxKeys));
    frame.key = size == 0 ? u""_s : QString(reinterpret_cast<const QChar *>(text), qsizetype(size));
    if (const char *broken = brokenText(frame.key))
        return refuse(QString::fromLatin1(broken));
    if (m_rules.keepOffsets)
        noteOffset(tokenStart());
    return true;
}

bool Builder::EndObject(rapidjson::SizeType)
{
    std::vector<Member> members = std::move(m_frames.back().members);
    // Sorted, duplicates are neighbours, and QJsonObject appends instead of moving its tail.
    std::stable_sort(members.begin(), members.end(),
                     [](const Member &a, const Member &b) { return a.key < b.key; });
    QJsonObject object;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0 && members[i].key == members[i - 1].key) {
            m_frames.back().key = members[i].key;
            return refuse(u"the key stands here twice; keep one"_s);
        }
        object.insert(members[i].key, std::move(members[i].value));
    }
    m_frames.pop_back();
    return put(object);
}

bool Builder::EndArray(rapidjson::SizeType)
{
    QJsonArray elements = std::move(m_frames.back().elements);
    m_frames.pop_back();
    return put(elements);
}

/// Texts that are JSON by its grammar and yet mean nothing that could be kept.
std::optional<QString> brokenRule(rapidjson::ParseErrorCode code)
{
    switch (code) {
    case rapidjson::kParseErrorNumberTooBig:
        return u"the number is too large"_s;
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
        return QString::fromLatin1(halfPair);
    default:
        return std::nullopt;
    }
}

} // namespace

tl::expected<ParsedJson, JsonProblem> parseStrictJson(QByteArrayView text, const JsonRules &rules)
{
    using rapidjson::UTF16;
    using rapidjson::UTF8;
    constexpr unsigned strict = rapidjson::kParseIterativeFlag |
                                rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseFullPrecisionFlag;
    constexpr unsigned relaxed =
        strict | rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag;
    // The reader takes a NUL byte for the end of the text.
    if (const qsizetype nul = text.indexOf('\0'); nul >= 0)
        return tl::unexpected(JsonProblem{true, {}, nul, u"the text holds a NUL byte"_s});
    rapidjson::MemoryStream stream(text.data(), std::size_t(text.size()));
    Builder builder(text, stream, rules);
    rapidjson::GenericReader<UTF8<>, UTF16<char16_t>> reader;
    const rapidjson::ParseResult result = rules.relaxed ? reader.Parse<relaxed>(stream, builder)
                                                        : reader.Parse<strict>(stream, builder);
    if (!result.IsError())
        return builder.take();
    const qsizetype offset = qsizetype(result.Offset());
    if (result.Code() == rapidjson::kParseErrorTermination) {
        const QString pointer = builder.pointer();
        return tl::unexpected(
            JsonProblem{false, pointer, builder.offsetOf(pointer, offset), builder.message()});
    }
    const QString pointer = builder.pointer(true);
    if (const auto message = brokenRule(result.Code()))
        return tl::unexpected(JsonProblem{false, pointer, offset, *message});
    const QString words = QString::fromLatin1(rapidjson::GetParseError_En(result.Code()));
    return tl::unexpected(JsonProblem{true, pointer, offset, words});
}

TextPosition positionAt(QByteArrayView text, qsizetype offset)
{
    const QByteArrayView before = text.first(std::min(offset, text.size()));
    const qsizetype lineStart = before.lastIndexOf('\n') + 1;
    return {int(before.count('\n')) + 1, int(before.size() - lineStart) + 1};
}

QString pointerTo(const QString &pointer, QStringView key)
{
    QString step = key.toString();
    step.replace(u'~', u"~0"_s).replace(u'/', u"~1"_s);
    return pointer + u'/' + step;
}

} // namespace pmdaemon

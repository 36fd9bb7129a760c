// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/strictjson.h"

#include "core/config/valuebuilder.h"

#include <algorithm>
// The reader asserts what it does not check itself, that an escape is no lone low surrogate; the
// builder refuses those.
#define RAPIDJSON_ASSERT(condition) static_cast<void>(0)
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Receives RapidJSON's events.
class Builder : public ValueBuilder
{
public:
    using Ch = char16_t;

    Builder(QByteArrayView text, const rapidjson::MemoryStream &stream, const JsonRules &rules)
        : ValueBuilder(rules)
        , m_text(text)
        , m_stream(stream)
    {}

    bool Null() { return value(QJsonValue::Null); }
    bool Bool(bool read) { return value(read); }
    bool Int(int read) { return value(read); }
    bool Uint(unsigned read) { return value(qint64(read)); }
    bool Int64(int64_t read) { return value(qint64(read)); }
    bool Uint64(uint64_t read)
    {
        if (read > uint64_t(std::numeric_limits<qint64>::max()))
            return value(double(read));
        return value(qint64(read));
    }
    bool Double(double read) { return value(read); }
    bool RawNumber(const Ch *, rapidjson::SizeType, bool) { return false; }
    bool String(const Ch *read, rapidjson::SizeType size, bool)
    {
        return text(QStringView(read, qsizetype(size)).toString());
    }

    bool StartObject() { return begin(true); }
    bool StartArray() { return begin(false); }
    bool Key(const Ch *read, rapidjson::SizeType size, bool)
    {
        return key(QString(reinterpret_cast<const QChar *>(read), qsizetype(size)));
    }
    bool EndObject(rapidjson::SizeType) { return endObject(); }
    bool EndArray(rapidjson::SizeType) { return endArray(); }

private:
    qsizetype place(bool opens) const override
    {
        return opens ? qsizetype(m_stream.Tell()) : tokenStart();
    }
    /// Of the token that has been read.
    qsizetype tokenStart() const;

    QByteArrayView m_text;
    const rapidjson::MemoryStream &m_stream;
};

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

/// Texts that are JSON by its grammar and yet mean nothing that could be kept.
std::optional<QString> brokenRule(rapidjson::ParseErrorCode code)
{
    switch (code) {
    case rapidjson::kParseErrorNumberTooBig:
        return u"the number is too large"_s;
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
        return halfPairMessage();
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

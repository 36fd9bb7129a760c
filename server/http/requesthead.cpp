// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/http/requesthead.h"

#include <QCoreApplication>

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

// The only file of the server that sees Boost.Beast.

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;
namespace http = boost::beast::http;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("RequestHead", text);
}

QByteArray toByteArray(boost::string_view text)
{
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

/// Fields that decide about access or framing: two of them mean that somebody reads the other one.
constexpr std::array<QByteArrayView, 6> singleFields = {
    "host", "origin", "authorization", "content-length", "x-api-key", "transfer-encoding"};

/// The value of two hexadecimal digits, or nothing.
std::optional<char> unescaped(QByteArrayView digits)
{
    bool ok = false;
    const uint value = digits.size() == 2 ? digits.toByteArray().toUInt(&ok, 16) : 0;
    return ok && digits.at(0) != '+' && digits.at(0) != '-' ? std::optional(char(value))
                                                            : std::nullopt;
}

/// The decoded path; nothing for bad escapes, NUL, control characters, invalid UTF-8, backslashes,
/// and parts that are "." or "..".
std::optional<QString> decodedPath(QByteArrayView raw)
{
    QByteArray bytes;
    for (qsizetype i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            const auto decoded =
                unescaped(raw.sliced(i + 1, std::min<qsizetype>(2, raw.size() - i - 1)));
            if (!decoded)
                return std::nullopt;
            c = *decoded;
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\')
            return std::nullopt;
        bytes.append(c);
    }
    if (!bytes.isValidUtf8() || !bytes.startsWith('/'))
        return std::nullopt;
    const QString path = QString::fromUtf8(bytes);
    const QStringList parts = path.split(u'/');
    if (parts.contains("."_L1) || parts.contains(".."_L1))
        return std::nullopt;
    return path;
}

} // namespace

QByteArray RequestHead::field(QByteArrayView name) const
{
    const auto at = std::find_if(fields.cbegin(), fields.cend(),
                                 [name](const Field &field) { return field.name == name; });
    return at == fields.cend() ? QByteArray() : at->value;
}

bool RequestHead::has(QByteArrayView name) const
{
    return std::any_of(fields.cbegin(), fields.cend(),
                       [name](const Field &field) { return field.name == name; });
}

bool RequestHead::lists(QByteArrayView name, QByteArrayView token) const
{
    for (const Field &each : fields) {
        if (each.name != name)
            continue;
        for (const QByteArray &item : each.value.split(',')) {
            if (item.trimmed().compare(token, Qt::CaseInsensitive) == 0)
                return true;
        }
    }
    return false;
}

HeadReader::State HeadReader::refuse(int status, const QString &message)
{
    m_problem = {status, message};
    return m_state = State::Refused;
}

/// The size of the head once its empty line is there. Looks at each byte once, however it drips.
std::optional<qsizetype> HeadReader::scan(QByteArrayView buffer)
{
    for (; m_scanned < buffer.size(); ++m_scanned) {
        const auto c = static_cast<unsigned char>(buffer[m_scanned]);
        const qsizetype length = m_scanned - m_lineStart;
        if (m_scanned >= MaxSize || length > MaxLine) {
            refuse(431, tr("The request's head is too large: at most 16 KiB, and 8 KiB per line."));
            return std::nullopt;
        }
        const bool endsLine = c == '\n' && length > 0 && buffer[m_scanned - 1] == '\r';
        const bool strayReturn = length > 0 && buffer[m_scanned - 1] == '\r' && c != '\n';
        if ((c < 0x20 && c != '\r' && c != '\t' && !endsLine) || c == 0x7f || strayReturn) {
            refuse(400, tr("The request's head holds control characters, or lines that don't end "
                           "with CR LF."));
            return std::nullopt;
        }
        if (!endsLine)
            continue;
        m_lineStart = m_scanned + 1;
        if (length == 1) {
            ++m_scanned;
            return m_lineStart;
        }
        if (++m_lines > MaxFields + 1) {
            refuse(431, tr("The request has too many header fields: at most %1.").arg(MaxFields));
            return std::nullopt;
        }
    }
    return std::nullopt;
}

HeadReader::State HeadReader::read(QByteArrayView buffer)
{
    if (m_state != State::Incomplete)
        return m_state;
    if (const auto size = scan(buffer)) {
        m_state = State::Complete;
        m_head.size = *size;
        parse(buffer.first(*size));
    }
    return m_state;
}

void HeadReader::parse(QByteArrayView head)
{
    if (head.contains("\r\n ") || head.contains("\r\n\t")) {
        refuse(400, tr("A header field is folded over two lines."));
        return;
    }
    http::request_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(MaxSize + 1));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max()); // bodies aren't read here
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(head.data(), static_cast<std::size_t>(head.size())), error);
    if (error || !parser.is_header_done()) {
        refuse(400, tr("This is no well-formed HTTP request: %1.")
                        .arg(QString::fromStdString(error.message())));
        return;
    }
    const auto &message = parser.get();
    m_head.method = toByteArray(message.method_string());
    for (const auto &field : message) {
        m_head.fields.append(
            {toByteArray(field.name_string()).toLower(), toByteArray(field.value())});
        for (const QByteArrayView once : singleFields) {
            if (m_head.fields.last().name == once && message.count(field.name_string()) > 1) {
                refuse(400,
                       tr("The header field %1 stands there twice.").arg(QLatin1StringView(once)));
                return;
            }
        }
    }
    m_head.chunked = m_head.has("transfer-encoding");
    if (m_head.chunked &&
        m_head.field("transfer-encoding").compare("chunked", Qt::CaseInsensitive) != 0) {
        refuse(400, tr("The only Transfer-Encoding that is accepted is chunked."));
        return;
    }
    bool isNumber = true; // Beast takes "5, 5", too
    if (m_head.has("content-length"))
        m_head.contentLength = m_head.field("content-length").toLongLong(&isNumber);
    if (!isNumber || m_head.contentLength < 0) {
        refuse(400, tr("The Content-Length is not a number that a body could have."));
        return;
    }
    splitTarget(toByteArray(message.target()));
}

void HeadReader::splitTarget(const QByteArray &target)
{
    QByteArrayView rest = target;
    constexpr QByteArrayView scheme = "http://";
    if (rest.startsWith(scheme)) { // the form that proxies get; the host must be said once only
        rest = rest.sliced(scheme.size());
        const qsizetype slash = std::max<qsizetype>(rest.indexOf('/'), 0);
        if (rest.first(slash).compare(m_head.field("host"), Qt::CaseInsensitive) != 0) {
            refuse(400, tr("The request's target and its Host field name different hosts."));
            return;
        }
        rest = rest.sliced(slash);
    }
    const qsizetype question = rest.indexOf('?');
    const auto path = decodedPath(question < 0 ? rest : rest.first(question));
    if (!path) {
        refuse(400, tr("The request's target is not a path."));
        return;
    }
    m_head.path = *path;
    if (question >= 0)
        m_head.query = rest.sliced(question + 1).toByteArray();
}

} // namespace pmdaemon

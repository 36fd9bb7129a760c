// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/dotenv.h"

#include <QFile>
#include <QFileInfo>
#include <QStringList>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 MaxFile = 1024 * 1024;

class DotenvReader
{
public:
    explicit DotenvReader(const QString &text)
        : m_text(text)
    {}

    Result<QMap<QString, QString>> read();

private:
    QChar peek() const { return m_at < m_text.size() ? m_text[m_at] : QChar(); }
    bool atEnd() const { return m_at >= m_text.size(); }
    void skipBlanks();
    void skipLine();
    QString word();
    std::optional<QString> value();
    std::optional<QString> quotedValue(QChar quote);
    tl::unexpected<Error> problem(const QString &message) const
    {
        const auto line = QStringView(m_text).first(m_begin).count(u'\n') + 1;
        return fail(ErrorCode::InvalidConfig, u"%1: %2"_s.arg(line).arg(message));
    }

    const QString m_text;
    qsizetype m_at = 0;
    qsizetype m_begin = 0; ///< of the line that is being read
};

void DotenvReader::skipBlanks()
{
    while (peek() == u' ' || peek() == u'\t' || peek() == u'\r')
        ++m_at;
}

void DotenvReader::skipLine()
{
    const qsizetype end = m_text.indexOf(u'\n', m_at);
    m_at = end < 0 ? m_text.size() : end + 1;
}

QString DotenvReader::word()
{
    const qsizetype begin = m_at;
    while (!atEnd() && (peek() == u'_' || peek() == u'.' || peek() == u'-' ||
                        (peek().unicode() < 128 && peek().isLetterOrNumber())))
        ++m_at;
    return m_text.sliced(begin, m_at - begin);
}

std::optional<QString> DotenvReader::quotedValue(QChar quote)
{
    QString value;
    for (++m_at; !atEnd(); ++m_at) {
        if (peek() == quote) {
            ++m_at;
            return value;
        }
        const qsizetype escape = quote == u'"' && peek() == u'\\' && m_at + 1 < m_text.size()
                                     ? u"nrt\"\\$"_s.indexOf(m_text[m_at + 1])
                                     : -1;
        if (escape < 0) {
            value += peek();
            continue;
        }
        value += u"\n\r\t\"\\$"_s[escape];
        ++m_at;
    }
    return std::nullopt;
}

std::optional<QString> DotenvReader::value()
{
    skipBlanks();
    if (peek() == u'"' || peek() == u'\'')
        return quotedValue(peek());
    const qsizetype begin = m_at;
    while (!atEnd() && peek() != u'\n' &&
           !(peek() == u'#' && m_at > begin && m_text[m_at - 1].isSpace()))
        ++m_at;
    return m_text.sliced(begin, m_at - begin).trimmed();
}

Result<QMap<QString, QString>> DotenvReader::read()
{
    QMap<QString, QString> variables;
    while (!atEnd()) {
        m_begin = m_at;
        skipBlanks();
        if (peek() == u'#' || peek() == u'\n') {
            skipLine();
            continue;
        }
        QString name = word();
        skipBlanks();
        if (name == "export"_L1 && peek() != u'=') {
            name = word();
            skipBlanks();
        }
        if (atEnd() && name.isEmpty())
            break;
        if (name.isEmpty() || peek() != u'=')
            return problem(u"expected NAME=value"_s);
        ++m_at;
        const std::optional<QString> text = value();
        if (!text)
            return problem(u"%1: the quotation is not closed"_s.arg(name));
        skipBlanks();
        if (!atEnd() && peek() != u'\n' && peek() != u'#')
            return problem(
                u"%1: something follows the quotation; put all of it between quotes"_s.arg(name));
        variables.insert(name, *text);
        skipLine();
    }
    return variables;
}

} // namespace

Result<QMap<QString, QString>> parseDotenv(const QByteArray &text)
{
    return DotenvReader(QString::fromUtf8(text)).read();
}

Result<QMap<QString, QString>> readDotenv(const QStringList &files)
{
    QMap<QString, QString> variables;
    for (const QString &path : files) {
        const QJsonObject details{{u"path"_s, path}};
        if (!QFileInfo(path).isFile())
            return fail(ErrorCode::NotFound, u"%1: there is no such file"_s.arg(path), details);
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return fail(ErrorCode::InvalidConfig,
                        u"%1: cannot be read: %2"_s.arg(path, file.errorString()), details);
        const QByteArray text = file.read(MaxFile + 1);
        if (text.size() > MaxFile)
            return fail(ErrorCode::InvalidConfig, u"%1: larger than 1 MiB"_s.arg(path), details);
        const auto read = parseDotenv(text);
        if (!read)
            return fail(ErrorCode::InvalidConfig, path + u':' + read.error().message, details);
        variables.insert(*read);
    }
    return variables;
}

} // namespace pmdaemon

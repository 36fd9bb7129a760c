// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/loglevel.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace pmdaemon {

namespace {

struct LevelWord
{
    QByteArrayView word;
    LogLevel level;
};

constexpr qsizetype longestWord = 11;
constexpr std::array<LevelWord, 22> levelWords{{
    {"trace", LogLevel::Trace},      {"verbose", LogLevel::Trace},  {"silly", LogLevel::Trace},
    {"debug", LogLevel::Debug},      {"dbg", LogLevel::Debug},      {"info", LogLevel::Info},
    {"information", LogLevel::Info}, {"inf", LogLevel::Info},       {"notice", LogLevel::Info},
    {"warn", LogLevel::Warn},        {"warning", LogLevel::Warn},   {"wrn", LogLevel::Warn},
    {"error", LogLevel::Error},      {"err", LogLevel::Error},      {"severe", LogLevel::Error},
    {"fatal", LogLevel::Fatal},      {"critical", LogLevel::Fatal}, {"crit", LogLevel::Fatal},
    {"alert", LogLevel::Fatal},      {"emerg", LogLevel::Fatal},    {"emergency", LogLevel::Fatal},
    {"panic", LogLevel::Fatal},
}};

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::optional<LogLevel> levelOfWord(QByteArrayView word)
{
    if (word.isEmpty() || word.size() > longestWord)
        return std::nullopt;
    const auto matches = [word](const LevelWord &entry) {
        return entry.word.compare(word, Qt::CaseInsensitive) == 0;
    };
    const auto found = std::find_if(levelWords.begin(), levelWords.end(), matches);
    if (found == levelWords.end())
        return std::nullopt;
    return found->level;
}

/// pino: 10 trace, 20 debug, … 60 fatal; what lies between belongs to the level below it.
std::optional<LogLevel> levelOfNumber(QByteArrayView digits)
{
    int number = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error != std::errc() || number < 10 || number >= 70)
        return std::nullopt;
    return static_cast<LogLevel>(number / 10 - 1);
}

/// Walks over the members of a JSON object just far enough to find one. Of what is no JSON it makes
/// nothing worse than a missing level.
class ObjectScanner
{
public:
    explicit ObjectScanner(QByteArrayView object)
        : m_at(object.data() + 1)
        , m_end(object.data() + object.size())
    {}

    std::optional<LogLevel> level()
    {
        while (skipTo('"')) {
            const QByteArrayView key = string();
            skipSpace();
            if (m_at == m_end || *m_at++ != ':')
                return std::nullopt;
            skipSpace();
            if (key == "level" || key == "severity") {
                if (const std::optional<LogLevel> level = levelOfValue())
                    return level;
            }
            skipValue();
        }
        return std::nullopt;
    }

private:
    void skipSpace()
    {
        while (m_at != m_end && (*m_at == ' ' || *m_at == '\t'))
            ++m_at;
    }
    bool skipTo(char c)
    {
        const void *found = std::memchr(m_at, c, std::size_t(m_end - m_at));
        m_at = found ? static_cast<const char *>(found) : m_end;
        return found;
    }
    /// At its opening quote; behind the closing one afterwards. Escapes are left as they are.
    QByteArrayView string()
    {
        const char *start = ++m_at;
        while (m_at != m_end && *m_at != '"')
            m_at += *m_at == '\\' && m_end - m_at > 1 ? 2 : 1;
        const QByteArrayView text(start, m_at);
        if (m_at != m_end)
            ++m_at;
        return text;
    }
    std::optional<LogLevel> levelOfValue()
    {
        const char *start = m_at;
        if (m_at != m_end && *m_at == '"') {
            const std::optional<LogLevel> level = levelOfWord(string());
            m_at = start;
            return level;
        }
        const char *end = std::find_if_not(m_at, m_end, isDigit);
        return levelOfNumber({m_at, end});
    }
    /// Up to the comma behind it.
    void skipValue()
    {
        for (int depth = 0; m_at != m_end; ++m_at) {
            while (m_at != m_end && *m_at == '"')
                string();
            if (m_at == m_end || (*m_at == ',' && depth == 0))
                return;
            if (*m_at == '{' || *m_at == '[')
                ++depth;
            else if (*m_at == '}' || *m_at == ']')
                --depth;
        }
    }

    const char *m_at;
    const char *m_end;
};

/// Behind an escape sequence that sets colours, if one is at `at`.
const char *skipColour(const char *at, const char *end)
{
    if (end - at < 2 || at[0] != '\x1b' || at[1] != '[')
        return at;
    const char *last = std::find_if(at + 2, end, isLetter);
    return last == end ? at : last + 1;
}

/// Of the word that the line begins with, once time stamps and punctuation are passed over.
std::optional<LogLevel> leadingLevel(QByteArrayView line)
{
    constexpr qsizetype farthest = 96;
    const char *at = line.begin();
    const char *end = at + std::min(line.size(), farthest);
    while (at != end) {
        if (const char *behind = skipColour(at, end); behind != at) {
            at = behind;
        } else if (isDigit(*at)) {
            // A number, a date or a time of day, with its "T", "Z" and offset.
            while (at != end && (isDigit(*at) || isLetter(*at) || std::strchr("-:/.,+", *at)))
                ++at;
        } else if (isLetter(*at)) {
            const char *wordEnd = std::find_if_not(at, end, isLetter);
            const bool endsHere = wordEnd == line.end() || std::strchr(" \t:]|)>-,=\x1b", *wordEnd);
            return endsHere ? levelOfWord({at, wordEnd}) : std::nullopt;
        } else if (std::strchr(" \t[]()<>|:-*", *at) && *at != '\0') {
            ++at;
        } else {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace

LogLevel detectLogLevel(QByteArrayView line, LogStream stream)
{
    std::optional<LogLevel> level;
    if (line.startsWith('{'))
        level = ObjectScanner(line).level();
    else
        level = leadingLevel(line);
    return level.value_or(stream == LogStream::Out ? LogLevel::Info : LogLevel::Error);
}

} // namespace pmdaemon

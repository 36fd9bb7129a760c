// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/loosejson.h"

#include <algorithm>

namespace pmdaemon {

namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool beginsName(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool continuesName(char c)
{
    return beginsName(c) || (c >= '0' && c <= '9');
}

class Converter
{
public:
    explicit Converter(QByteArrayView text)
        : m_rest(text)
    {
        m_made.reserve(text.size() + text.size() / 8);
    }

    QByteArray convert()
    {
        while (!m_rest.isEmpty())
            takeOne();
        return m_made;
    }

private:
    void takeOne()
    {
        const char c = m_rest.front();
        if (m_rest.startsWith("//"))
            return copy(lengthUntil("\n"));
        if (m_rest.startsWith("/*"))
            return copy(lengthUntil("*/"));
        if (isSpace(c))
            return copy(1);
        if (c == '"' || c == '\'')
            takeText(c);
        else if (beginsName(c))
            takeWord();
        else
            copy(1);
        m_last = c; // of all but spaces and comments
    }

    void copy(qsizetype length)
    {
        m_made += m_rest.first(length);
        m_rest = m_rest.sliced(length);
    }

    qsizetype lengthUntil(QByteArrayView end) const
    {
        const qsizetype found = m_rest.sliced(2).indexOf(end);
        return found < 0 ? m_rest.size() : 2 + found + end.size();
    }

    /// A name in the place of one, else true, null and the like.
    void takeWord()
    {
        const qsizetype length =
            std::find_if_not(m_rest.begin(), m_rest.end(), continuesName) - m_rest.begin();
        const auto next = std::find_if_not(m_rest.begin() + length, m_rest.end(), isSpace);
        const bool isName =
            (m_last == '{' || m_last == ',') && next != m_rest.end() && *next == ':';
        if (isName)
            m_made += '"';
        copy(length);
        if (isName)
            m_made += '"';
    }

    void takeText(char quote)
    {
        m_made += '"';
        m_rest = m_rest.sliced(1);
        while (!m_rest.isEmpty()) {
            const char c = m_rest.front();
            if (c == '\n')
                return; // it has no end, which the parser tells
            if (c == '\\' && m_rest.size() > 1) {
                if (m_rest[1] == '\'')
                    m_rest = m_rest.sliced(1);
                else
                    copy(1);
                copy(1);
                continue;
            }
            m_rest = m_rest.sliced(1);
            if (c == quote) {
                m_made += '"';
                return;
            }
            if (c == '"')
                m_made += '\\';
            m_made += c;
        }
    }

    QByteArrayView m_rest;
    QByteArray m_made;
    char m_last = 0;
};

} // namespace

QByteArray jsonOfLoose(QByteArrayView text)
{
    return Converter(text).convert();
}

} // namespace pmdaemon

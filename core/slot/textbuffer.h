// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace pmdaemon {

/// Text of bounded length, put together without memory or locale. What does not fit is left out
/// and told by isWhole().
template <size_t Capacity>
class TextBuffer
{
public:
    TextBuffer() { m_text[0] = '\0'; }

    const char *text() const { return m_text; }
    size_t length() const { return m_length; }
    bool isWhole() const { return m_isWhole; }

    TextBuffer &add(const char *text) { return add(text, strlen(text)); }
    TextBuffer &add(const char *text, size_t length)
    {
        const size_t room = Capacity - 1 - m_length;
        if (length > room) {
            m_isWhole = false;
            length = room;
        }
        memcpy(m_text + m_length, text, length);
        m_length += length;
        m_text[m_length] = '\0';
        return *this;
    }
    TextBuffer &addNumber(uint64_t number, unsigned base = 10)
    {
        char digits[20];
        size_t at = sizeof digits;
        do {
            digits[--at] = "0123456789abcdef"[number % base];
            number /= base;
        } while (number > 0);
        return add(digits + at, sizeof digits - at);
    }

private:
    char m_text[Capacity];
    size_t m_length = 0;
    bool m_isWhole = true;
};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/sanitize.h"

#include <algorithm>
#include <array>

namespace pmdaemon {

namespace {

constexpr char escape = '\x1b';
constexpr auto replacement = "\xEF\xBF\xBD";

/// Controls that are longer than a byte, in UTF-8: those from `first` to `last`, which differ in
/// their last byte.
struct ControlRange
{
    QByteArrayView first;
    unsigned char last;
};

// C1, and what has the property Bidi_Control (UAX #9): it shows text in another order.
constexpr std::array controlRanges = {
    ControlRange{"\xC2\x80", 0x9F},     // U+0080…U+009F
    ControlRange{"\xD8\x9C", 0x9C},     // U+061C
    ControlRange{"\xE2\x80\x8E", 0x8F}, // U+200E, U+200F
    ControlRange{"\xE2\x80\xAA", 0xAE}, // U+202A…U+202E
    ControlRange{"\xE2\x81\xA6", 0xA9}, // U+2066…U+2069
};

bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

/// The length of the SGR sequence at the start of `text`: ESC [ digits ; : … m. 0 if there is none.
qsizetype sgrLength(QByteArrayView text)
{
    if (!text.startsWith("\x1b["))
        return 0;
    for (qsizetype i = 2; i < text.size(); ++i) {
        const char c = text[i];
        if (c == 'm')
            return i + 1;
        if (!(c >= '0' && c <= '9') && c != ';' && c != ':')
            return 0;
    }
    return 0;
}

/// The length of the control at the start of `text` that is longer than a byte; 0 if there is none.
qsizetype controlLength(QByteArrayView text)
{
    for (const ControlRange &range : controlRanges) {
        const qsizetype length = range.first.size();
        if (text.size() < length || !text.startsWith(range.first.chopped(1)))
            continue;
        const auto end = static_cast<unsigned char>(text[length - 1]);
        if (end >= static_cast<unsigned char>(range.first.back()) && end <= range.last)
            return length;
    }
    return 0;
}

/// U+2400 + c, or U+2421 for DEL, in UTF-8.
void appendPicture(QByteArray &out, char c)
{
    out += "\xE2\x90";
    out += c == '\x7F' ? '\xA1' : static_cast<char>(0x80 + c);
}

} // namespace

QByteArray harmless(QByteArrayView line, Colours colours)
{
    if (line.endsWith('\r'))
        line.chop(1);
    const auto suspicious = [](char c) {
        return isControl(c) ||
               std::any_of(controlRanges.begin(), controlRanges.end(),
                           [c](const ControlRange &range) { return c == range.first.front(); });
    };
    if (std::none_of(line.cbegin(), line.cend(), suspicious))
        return line.toByteArray();

    QByteArray out;
    out.reserve(line.size() + 16);
    bool coloured = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (const qsizetype length = c == escape ? sgrLength(line.sliced(i)) : 0; length > 0) {
            if (colours == Colours::Keep) {
                out += line.sliced(i, length);
                coloured = true;
            }
            i += length - 1;
        } else if (const qsizetype bytes = controlLength(line.sliced(i)); bytes > 0) {
            out += replacement;
            i += bytes - 1;
        } else if (isControl(c)) {
            appendPicture(out, c);
        } else {
            out += c;
        }
    }
    if (coloured)
        out += "\x1b[0m";
    return out;
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/sanitize.h"

#include <algorithm>

namespace pmdaemon {

namespace {

constexpr char escape = '\x1b';
constexpr unsigned char c1Lead = 0xC2; // U+0080…U+009F are C2 80…C2 9F

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
        return isControl(c) || static_cast<unsigned char>(c) == c1Lead;
    };
    if (std::none_of(line.cbegin(), line.cend(), suspicious))
        return line.toByteArray();

    QByteArray out;
    out.reserve(line.size() + 16);
    bool coloured = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool isC1 = static_cast<unsigned char>(c) == c1Lead && i + 1 < line.size() &&
                          static_cast<unsigned char>(line[i + 1]) < 0xA0;
        if (const qsizetype length = c == escape ? sgrLength(line.sliced(i)) : 0; length > 0) {
            if (colours == Colours::Keep) {
                out += line.sliced(i, length);
                coloured = true;
            }
            i += length - 1;
        } else if (isC1) {
            out += "\xEF\xBF\xBD";
            ++i;
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

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/textwidth.h"

#include <QList>
#include <QTextBoundaryFinder>

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <locale.h>

namespace pmdaemon {

namespace {

constexpr char16_t escape = 0x1b;
constexpr char32_t emojiSelector = 0xFE0F;
constexpr char16_t ellipsis = 0x2026;
constexpr int tabWidth = 8;

/// wcwidth() answers for the locale of the thread, which may know ASCII alone.
class UnicodeLocale
{
public:
    UnicodeLocale()
        : m_before(::uselocale(own()))
    {}
    ~UnicodeLocale() { ::uselocale(m_before); }
    UnicodeLocale(const UnicodeLocale &) = delete;
    UnicodeLocale &operator=(const UnicodeLocale &) = delete;

private:
    static locale_t own()
    {
        static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return locale; // none: nothing changes
    }

    locale_t m_before;
};

/// Of what is shown as one character: that of its widest part, since the others join it.
int clusterWidth(QStringView cluster)
{
    int width = 0;
    for (const char32_t c : cluster.toUcs4()) {
        const int own = c == emojiSelector ? 2 : ::wcwidth(static_cast<wchar_t>(c));
        width = std::max(width, own < 0 ? 1 : own);
    }
    return width;
}

bool isAscii(QStringView text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c < QChar(0x80); });
}

/// How long the start of `text` is that takes at most `width` cells, in UTF-16 units.
qsizetype lengthWithin(const QString &text, int width)
{
    if (isAscii(text))
        return std::min<qsizetype>(width, text.size());
    const UnicodeLocale locale;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    qsizetype at = 0;
    while (finder.toNextBoundary() > 0) {
        width -= clusterWidth(QStringView(text).sliced(at, finder.position() - at));
        if (width < 0)
            break;
        at = finder.position();
    }
    return at;
}

/// Where the end of `text` begins that takes at most `width` cells.
qsizetype tailWithin(const QString &text, int width)
{
    const UnicodeLocale locale;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    finder.toEnd();
    qsizetype at = text.size();
    while (finder.toPreviousBoundary() >= 0) {
        width -= clusterWidth(QStringView(text).sliced(finder.position(), at - finder.position()));
        if (width < 0)
            break;
        at = finder.position();
    }
    return at;
}

/// The length of the SGR sequence at the start of `text`, which is harmless.
qsizetype sequenceLength(QStringView text)
{
    return text.startsWith(escape) ? text.indexOf(u'm') + 1 : 0;
}

/// The start of a line that may be far longer than what is shown of it, at the end of a character.
QByteArrayView prefixOf(const QByteArray &line, int width)
{
    constexpr qsizetype bytesPerCell = 32; // sequences and what combines included
    const auto isInside = [&](qsizetype at) {
        return (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80;
    };
    qsizetype end = std::min<qsizetype>(line.size(), bytesPerCell * std::max(width, 1));
    while (end > 0 && end < line.size() && isInside(end))
        --end;
    return QByteArrayView(line).first(end);
}

} // namespace

int textWidth(const QString &text)
{
    if (isAscii(text))
        return static_cast<int>(text.size());
    const UnicodeLocale locale;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    int width = 0;
    for (qsizetype at = 0; finder.toNextBoundary() > 0; at = finder.position())
        width += clusterWidth(QStringView(text).sliced(at, finder.position() - at));
    return width;
}

QString shortened(const QString &text, int width, Cut cut)
{
    if (textWidth(text) <= width)
        return text;
    const int room = std::max(width - 1, 0);
    const int tail = cut == Cut::Middle ? room / 2 : 0;
    const QString end = text.mid(tailWithin(text, tail));
    return text.left(lengthWithin(text, room - tail)) + QChar(ellipsis) + end;
}

ClippedLine clipped(const QByteArray &line, int width)
{
    const QString text = QString::fromUtf8(prefixOf(line, width));
    const UnicodeLocale locale;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    QString shown;
    int used = 0;
    bool hasSequence = false;
    for (qsizetype at = 0; at < text.size();) {
        const QStringView rest = QStringView(text).sliced(at);
        if (const qsizetype length = sequenceLength(rest); length > 0) {
            shown += rest.first(length);
            hasSequence = true;
            at += length;
            continue;
        }
        finder.setPosition(at);
        const qsizetype next = std::max<qsizetype>(finder.toNextBoundary(), at + 1);
        const QStringView cluster = rest.first(next - at);
        const bool isTab = cluster == u'\t';
        const int cells = isTab ? tabWidth - used % tabWidth : clusterWidth(cluster);
        if (used + cells > width && !isTab)
            break;
        const int taken = std::min(cells, width - used);
        shown += isTab ? QString(taken, u' ') : cluster.toString();
        used += taken;
        at = next;
    }
    return {(hasSequence ? shown + u"\x1b[0m" : shown).toUtf8(), used};
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/ansitext.h"

#include "gui/processes/format.h"

#include <array>

namespace pmdaemon {

namespace {

constexpr char16_t escape = 0x1b;

// xterm's sixteen, as VGA and most terminals have them in their bright half.
constexpr std::array<quint32, 16> baseColours{
    0x000000, 0xcd0000, 0x00a000, 0xb58900, 0x2a6fd0, 0xc030c0, 0x009a9a, 0xc0c0c0,
    0x7f7f7f, 0xff4040, 0x40d040, 0xe0c040, 0x60a0ff, 0xff60ff, 0x40d8d8, 0xffffff,
};

class Parser
{
public:
    Parser(const QString &source, qsizetype maxColumns)
        : m_source(source)
        , m_max(maxColumns)
    {}

    AnsiText run()
    {
        while (m_at < m_source.size()) {
            const char16_t c = m_source[m_at].unicode();
            if (c == escape)
                sequence();
            else
                plain(c);
        }
        closeSpan();
        return std::move(m_out);
    }

private:
    static bool isControl(char16_t c)
    {
        return c < 0x20 || (c >= 0x7f && c < 0xa0) || isExplicitDirection(c);
    }

    void plain(char16_t c)
    {
        ++m_at;
        if (c == u'\r' && m_at < m_source.size()) {
            m_out.text.clear();
            m_out.spans.clear();
            m_out.cut = 0;
            m_spanStart = 0;
        }
        if (isControl(c) && c != u'\t')
            return;
        if (m_out.text.size() < m_max)
            m_out.text.append(QChar(c));
        else
            ++m_out.cut;
    }

    void sequence()
    {
        ++m_at;
        if (m_at >= m_source.size())
            return;
        const char16_t kind = m_source[m_at++].unicode();
        if (kind == u'[')
            control();
        else if (kind == u']' || kind == u'P' || kind == u'_' || kind == u'^' || kind == u'X')
            string();
        else if (kind >= 0x20 && kind <= 0x2f && m_at < m_source.size())
            ++m_at; // ESC, intermediate, final: a character set
    }

    /// An OSC, DCS, APC, PM or SOS: up to BEL or ST.
    void string()
    {
        while (m_at < m_source.size()) {
            const char16_t c = m_source[m_at++].unicode();
            if (c == 0x07 || c == 0x9c)
                return;
            if (c == escape) {
                if (m_at < m_source.size() && m_source[m_at] == u'\\')
                    ++m_at;
                return;
            }
        }
    }

    /// A CSI: parameters 0x30–0x3f, intermediates 0x20–0x2f, one final byte 0x40–0x7e.
    void control()
    {
        const qsizetype from = m_at;
        while (m_at < m_source.size() && m_source[m_at].unicode() >= 0x20 &&
               m_source[m_at].unicode() <= 0x3f)
            ++m_at;
        if (m_at >= m_source.size())
            return;
        const QStringView parameters = QStringView(m_source).sliced(from, m_at - from);
        const char16_t final = m_source[m_at].unicode();
        if (final < 0x40 || final > 0x7e)
            return; // broken off: what follows is text again
        ++m_at;
        if (final == u'm')
            rendition(parameters);
    }

    void rendition(QStringView parameters)
    {
        QList<int> codes;
        for (const QStringView part : parameters.split(u';'))
            codes.append(part.isEmpty() ? 0 : part.split(u':').first().toInt());
        AnsiStyle style = m_style;
        for (qsizetype i = 0; i < codes.size(); ++i) {
            if (codes[i] == 38 || codes[i] == 48) {
                AnsiColour &colour = codes[i] == 38 ? style.foreground : style.background;
                i = extended(codes, i, colour);
            } else {
                apply(codes[i], style);
            }
        }
        if (style == m_style)
            return;
        closeSpan();
        m_style = style;
    }

    /// 38;5;N or 38;2;R;G;B at `i`; returns the place of the last code it took.
    static qsizetype extended(const QList<int> &codes, qsizetype i, AnsiColour &colour)
    {
        const auto at = [&codes](qsizetype n) {
            return n < codes.size() ? quint32(codes[n]) & 0xffU : 0U;
        };
        const int mode = i + 1 < codes.size() ? codes[i + 1] : 0;
        if (mode == 5) {
            colour = {AnsiColour::Kind::Indexed, at(i + 2)};
            return i + 2;
        }
        if (mode == 2) {
            colour = {AnsiColour::Kind::Rgb, at(i + 2) << 16 | at(i + 3) << 8 | at(i + 4)};
            return i + 4;
        }
        return codes.size();
    }

    static void apply(int code, AnsiStyle &style)
    {
        const auto indexed = [](int index) {
            return AnsiColour{AnsiColour::Kind::Indexed, quint32(index)};
        };
        switch (code) {
        case 0:
            style = {};
            return;
        case 1:
            style.bold = true;
            return;
        case 3:
            style.italic = true;
            return;
        case 4:
            style.underline = true;
            return;
        case 7:
            style.inverse = true;
            return;
        case 22:
            style.bold = false;
            return;
        case 23:
            style.italic = false;
            return;
        case 24:
            style.underline = false;
            return;
        case 27:
            style.inverse = false;
            return;
        case 39:
            style.foreground = {};
            return;
        case 49:
            style.background = {};
            return;
        default:
            break;
        }
        if (code >= 30 && code <= 37)
            style.foreground = indexed(code - 30);
        else if (code >= 40 && code <= 47)
            style.background = indexed(code - 40);
        else if (code >= 90 && code <= 97)
            style.foreground = indexed(code - 90 + 8);
        else if (code >= 100 && code <= 107)
            style.background = indexed(code - 100 + 8);
    }

    void closeSpan()
    {
        const auto here = int(m_out.text.size());
        if (here > m_spanStart && m_style != AnsiStyle{})
            m_out.spans.append({m_spanStart, here - m_spanStart, m_style});
        m_spanStart = here;
    }

    const QString &m_source;
    const qsizetype m_max;
    AnsiText m_out;
    AnsiStyle m_style;
    qsizetype m_at = 0;
    int m_spanStart = 0;
};

} // namespace

AnsiText parseAnsi(QByteArrayView utf8, qsizetype maxColumns)
{
    const QString source = QString::fromUtf8(utf8);
    return Parser(source, maxColumns).run();
}

quint32 ansiRgb(quint32 index)
{
    constexpr std::array<quint32, 6> levels{0, 95, 135, 175, 215, 255};
    if (index < baseColours.size())
        return baseColours[index];
    if (index < 232) {
        const quint32 cube = index - 16;
        return levels[cube / 36] << 16 | levels[cube / 6 % 6] << 8 | levels[cube % 6];
    }
    const quint32 grey = 8 + 10 * (index - 232);
    return grey << 16 | grey << 8 | grey;
}

} // namespace pmdaemon

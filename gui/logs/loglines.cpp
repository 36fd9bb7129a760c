// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/loglines.h"

#include "gui/logs/ansitext.h"
#include "gui/theme/colours.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QLocale>

#include <cmath>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QColor toColour(const AnsiColour &colour, const QColor &otherwise)
{
    switch (colour.kind) {
    case AnsiColour::Kind::Indexed:
        return QColor::fromRgb(ansiRgb(colour.value));
    case AnsiColour::Kind::Rgb:
        return QColor::fromRgb(colour.value);
    case AnsiColour::Kind::Default:
        break;
    }
    return otherwise;
}

QTextCharFormat formatOf(AnsiStyle style, const QPalette &palette, const QColor &text)
{
    const QColor base = palette.color(QPalette::Base);
    QColor foreground = toColour(style.foreground, text);
    QColor background = toColour(style.background, base);
    if (style.inverse)
        std::swap(foreground, background);
    QTextCharFormat format;
    format.setForeground(readableOn(background, foreground));
    if (background != base)
        format.setBackground(background);
    format.setFontWeight(style.bold ? QFont::Bold : QFont::Normal);
    format.setFontItalic(style.italic);
    format.setFontUnderline(style.underline);
    return format;
}

QString cutText(qsizetype count)
{
    return u" … "_s + QCoreApplication::translate("pmdaemon::LogView", "%n more character(s)",
                                                  nullptr, int(count));
}

} // namespace

LogLines::LogLines(const LogStore &store)
    : m_store(store)
{}

void LogLines::setLook(const QFont &font, const QPalette &palette)
{
    const QFontMetricsF metrics(font);
    m_font = font;
    m_palette = palette;
    m_lineHeight = int(std::ceil(metrics.lineSpacing())) + 1;
    m_timeWidth = int(std::ceil(metrics.horizontalAdvance(u"00:00:00.000  "_s)));
    m_tabWidth = 8 * metrics.horizontalAdvance(u' ');
    m_layouts.clear();
}

QString LogLines::gapText(qint64 count)
{
    if (count == 0)
        return QCoreApplication::translate("pmdaemon::LogView", "— some lines are missing —");
    const auto n = int(std::min<qint64>(count, INT_MAX));
    return QCoreApplication::translate("pmdaemon::LogView", "— %n line(s) dropped —", nullptr, n);
}

QString LogLines::text(qint64 number) const
{
    const LogStore::Line line = m_store.line(number);
    if (line.isGap)
        return gapText(line.missing);
    const AnsiText parsed = parseAnsi(line.text);
    return parsed.cut > 0 ? parsed.text + cutText(parsed.cut) : parsed.text;
}

QColor LogLines::textColour(const LogStore::Line &line) const
{
    const Shade shade = shadeOf(m_palette);
    if (line.isGap)
        return m_palette.color(QPalette::PlaceholderText);
    if (line.level >= LogLevel::Error)
        return statusColour(ProcessStatus::Errored, shade);
    if (line.level == LogLevel::Warn)
        return readableOn(m_palette.color(QPalette::Base), QColor(0xffb07800));
    return m_palette.color(QPalette::Text);
}

std::unique_ptr<QTextLayout> LogLines::makeLayout(const LogStore::Line &line) const
{
    const QColor colour = textColour(line);
    AnsiText parsed;
    if (line.isGap)
        parsed.text = gapText(line.missing);
    else
        parsed = parseAnsi(line.text);
    if (parsed.cut > 0)
        parsed.text += cutText(parsed.cut);

    auto layout = std::make_unique<QTextLayout>(parsed.text, m_font);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    option.setTabStopDistance(m_tabWidth);
    layout->setTextOption(option);
    QList<QTextLayout::FormatRange> formats{
        {0, int(parsed.text.size()), formatOf({}, m_palette, colour)}};
    for (const AnsiSpan &span : std::as_const(parsed.spans))
        formats.append({span.start, span.length, formatOf(span.style, m_palette, colour)});
    layout->setFormats(formats);
    layout->beginLayout();
    layout->createLine();
    layout->endLayout();
    return layout;
}

QTextLayout &LogLines::layout(qint64 number)
{
    const LogStore::Line line = m_store.line(number);
    QTextLayout *held = line.isGap ? nullptr : m_layouts.object(number);
    if (!held) {
        held = makeLayout(line).release();
        m_layouts.insert(number, held); // takes ownership; one entry always fits
    }
    return *held;
}

} // namespace pmdaemon

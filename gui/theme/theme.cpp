// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/theme/theme.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct ColourEntry
{
    QPalette::ColorRole role;
    QRgb colour;
};

constexpr ColourEntry lightColours[] = {
    {QPalette::Window, 0xffefefef},      {QPalette::WindowText, 0xff1a1a1a},
    {QPalette::Base, 0xffffffff},        {QPalette::AlternateBase, 0xfff7f7f7},
    {QPalette::Text, 0xff1a1a1a},        {QPalette::PlaceholderText, 0xff6a6a6a},
    {QPalette::Button, 0xffefefef},      {QPalette::ButtonText, 0xff1a1a1a},
    {QPalette::Highlight, 0xff2476b0},   {QPalette::HighlightedText, 0xffffffff},
    {QPalette::ToolTipBase, 0xffffffdc}, {QPalette::ToolTipText, 0xff1a1a1a},
    {QPalette::Link, 0xff0057ae},        {QPalette::LinkVisited, 0xff6a3a9a},
    {QPalette::BrightText, 0xffffffff},  {QPalette::Mid, 0xffb8b8b8},
    {QPalette::Light, 0xffffffff},       {QPalette::Dark, 0xff9f9f9f},
    {QPalette::Midlight, 0xffcacaca},    {QPalette::Shadow, 0xff767676},
};

constexpr ColourEntry darkColours[] = {
    {QPalette::Window, 0xff2a2e32},      {QPalette::WindowText, 0xffeeeeee},
    {QPalette::Base, 0xff1e1e1e},        {QPalette::AlternateBase, 0xff232629},
    {QPalette::Text, 0xffeeeeee},        {QPalette::PlaceholderText, 0xff9aa2aa},
    {QPalette::Button, 0xff353535},      {QPalette::ButtonText, 0xffeeeeee},
    {QPalette::Highlight, 0xff1d5c99},   {QPalette::HighlightedText, 0xffffffff},
    {QPalette::ToolTipBase, 0xff353535}, {QPalette::ToolTipText, 0xffeeeeee},
    {QPalette::Link, 0xff6cb8f8},        {QPalette::LinkVisited, 0xffc094e0},
    {QPalette::BrightText, 0xffffffff},  {QPalette::Mid, 0xff454a4f},
    {QPalette::Light, 0xff4a4f54},       {QPalette::Dark, 0xff1a1c1e},
    {QPalette::Midlight, 0xff3a3e42},    {QPalette::Shadow, 0xff101112},
};

constexpr std::array<QLatin1StringView, 3> names{"system"_L1, "light"_L1, "dark"_L1};

} // namespace

QString toString(Theme theme)
{
    return names[std::size_t(theme)];
}

std::optional<Theme> themeFromString(QStringView text)
{
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == text)
            return Theme(i);
    }
    return std::nullopt;
}

QPalette paletteOf(Theme theme)
{
    QPalette palette;
    if (theme == Theme::System)
        return palette;
    const bool light = theme == Theme::Light;
    for (const ColourEntry &entry : light ? lightColours : darkColours)
        palette.setColor(entry.role, QColor(entry.colour));
    const QColor disabled(light ? 0xff8c8c8c : 0xff858c93);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, disabled);
    return palette;
}

void applyTheme(QApplication &application, Theme theme)
{
    if (theme != Theme::System && application.style()->name() != "fusion"_L1)
        QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    application.setPalette(paletteOf(theme));
}

} // namespace pmdaemon

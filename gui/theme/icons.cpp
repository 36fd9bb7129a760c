// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/theme/icons.h"

#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int sizes[] = {16, 22, 32, 44, 64};

QByteArray drawing(QStringView name)
{
    QFile file(u":/pmdaemon/icons/%1.svg"_s.arg(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QPixmap render(QSvgRenderer &renderer, int size)
{
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    return pixmap;
}

void addPixmaps(QIcon &icon, const QByteArray &svg, QIcon::Mode mode)
{
    QSvgRenderer renderer(svg);
    if (!renderer.isValid())
        return;
    for (const int size : sizes)
        icon.addPixmap(render(renderer, size), mode);
}

} // namespace

QIcon themedIcon(QStringView name, const QPalette &palette)
{
    const QByteArray svg = drawing(name);
    QIcon icon;
    for (const auto &[mode, group] : {std::pair{QIcon::Normal, QPalette::Active},
                                      std::pair{QIcon::Disabled, QPalette::Disabled}}) {
        QByteArray coloured = svg;
        coloured.replace("currentColor",
                         palette.color(group, QPalette::ButtonText).name().toLatin1());
        addPixmaps(icon, coloured, mode);
    }
    return icon;
}

QIcon applicationIcon()
{
    QIcon icon;
    addPixmaps(icon, drawing(u"pmdaemon"), QIcon::Normal);
    return icon;
}

} // namespace pmdaemon

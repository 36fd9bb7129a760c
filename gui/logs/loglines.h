// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "gui/logs/logstore.h"

#include <QCache>
#include <QFont>
#include <QPalette>
#include <QTextLayout>

#include <memory>

namespace pmdaemon {

/// Lays lines of a LogStore out for drawing: decoded, coloured and kept while they are in sight.
class LogLines
{
public:
    explicit LogLines(const LogStore &store);

    void setLook(const QFont &font, const QPalette &palette);
    /// The line's text laid out in one row. Valid until the next call.
    QTextLayout &layout(qint64 number);
    /// The text as shown, for the clipboard.
    QString text(qint64 number) const;
    /// What stands where `count` lines are missing, 0 = nobody knows how many.
    static QString gapText(qint64 count);

    int lineHeight() const { return m_lineHeight; }
    /// The width of the time in front of each line, with its gap.
    int timeWidth() const { return m_timeWidth; }

private:
    std::unique_ptr<QTextLayout> makeLayout(const LogStore::Line &line) const;
    QColor textColour(const LogStore::Line &line) const;

    const LogStore &m_store;
    QFont m_font;
    QPalette m_palette;
    int m_lineHeight = 1;
    int m_timeWidth = 0;
    qreal m_tabWidth = 0;
    QCache<qint64, QTextLayout> m_layouts{400};
};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/logview.h"

#include "gui/theme/colours.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDateTime>
#include <QFontDatabase>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int margin = 6;
constexpr int errorBar = 3;

QString timeText(WallTime time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count())
        .toString(u"HH:mm:ss.zzz"_s);
}

} // namespace

LogView::LogView(const LogStore &store, QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_store(store)
    , m_lines(store)
    , m_pill(new QPushButton(viewport()))
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setCursor(Qt::IBeamCursor);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    viewport()->setBackgroundRole(QPalette::Base);
    m_pill->setObjectName(u"logNewLines"_s);
    m_pill->setCursor(Qt::ArrowCursor);
    m_pill->setFocusPolicy(Qt::NoFocus);
    m_pill->setFont(QApplication::font());
    m_pill->hide();
    connect(m_pill, &QPushButton::clicked, this, &LogView::follow);
    setLook();
}

LogView::~LogView() = default;

void LogView::setLook()
{
    m_lines.setLook(font(), palette());
    viewport()->update();
}

void LogView::contentChanged()
{
    if (m_store.isEmpty()) {
        m_scroll.follow();
        m_selection = {};
        m_widest = 0;
    }
    m_scroll.setContent(m_store.begin(), m_store.end());
    syncBars();
    viewport()->update();
}

void LogView::setEmptyText(const QString &text)
{
    m_emptyText = text;
    if (m_store.isEmpty())
        viewport()->update();
}

void LogView::follow()
{
    m_scroll.follow();
    syncBars();
    viewport()->update();
}

void LogView::syncBars()
{
    m_syncing = true;
    const auto page = std::max(1, viewport()->height() / m_lines.lineHeight());
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setRange(0, int(m_scroll.lowestTop() - m_store.begin()));
    verticalScrollBar()->setValue(int(m_scroll.top() - m_store.begin()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(20);
    horizontalScrollBar()->setRange(
        0, std::max(0, m_widest + m_lines.timeWidth() + 2 * margin - viewport()->width()));
    m_syncing = false;
    syncPill();
}

void LogView::syncPill()
{
    const qint64 count = m_scroll.newLines();
    m_pill->setVisible(count > 0);
    if (count == 0)
        return;
    m_pill->setText(u"▼ "_s + tr("%n new line(s)", nullptr, int(std::min<qint64>(count, INT_MAX))));
    m_pill->resize(m_pill->sizeHint());
    m_pill->move((viewport()->width() - m_pill->width()) / 2,
                 viewport()->height() - m_pill->height() - margin);
}

void LogView::scrollContentsBy(int, int)
{
    if (!m_syncing) {
        const qint64 top = m_store.begin() + verticalScrollBar()->value();
        if (top != m_scroll.top())
            m_scroll.moveTo(top);
        syncPill();
    }
    viewport()->update();
}

void LogView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    m_scroll.setPage(viewport()->height() / m_lines.lineHeight());
    syncBars();
}

void LogView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
        event->type() == QEvent::LanguageChange)
        setLook();
}

int LogView::textLeft() const
{
    return margin + m_lines.timeWidth() - horizontalScrollBar()->value();
}

void LogView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
    if (m_store.isEmpty()) {
        painter.setFont(QApplication::font());
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(viewport()->rect().adjusted(margin, margin, -margin, -margin),
                         int(Qt::AlignCenter) | int(Qt::TextWordWrap), m_emptyText);
        return;
    }
    const int widest = m_widest;
    int y = 0;
    for (qint64 number = m_scroll.top(); number < m_store.end() && y < viewport()->height();
         ++number) {
        paintLine(painter, number, y);
        y += m_lines.lineHeight();
    }
    // The bar must not change while its view is painted.
    if (m_widest > widest)
        QMetaObject::invokeMethod(this, &LogView::syncBars, Qt::QueuedConnection);
}

void LogView::paintLine(QPainter &painter, qint64 number, int y)
{
    const LogStore::Line line = m_store.line(number);
    const int left = margin - horizontalScrollBar()->value();
    if (line.stream == LogStream::Err) {
        painter.fillRect(0, y, errorBar, m_lines.lineHeight(),
                         statusColour(ProcessStatus::Errored, shadeOf(palette())));
    }
    if (line.time) {
        painter.setFont(font());
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(QPointF(left, y + QFontMetricsF(font()).ascent()), timeText(*line.time));
    }
    QTextLayout &layout = m_lines.layout(number);
    painter.setPen(palette().color(QPalette::Text));
    layout.draw(&painter, QPointF(textLeft(), y), selectionIn(number, int(layout.text().size())));
    m_widest = std::max(m_widest, int(layout.maximumWidth()) + margin);
}

QList<QTextLayout::FormatRange> LogView::selectionIn(qint64 number, int length) const
{
    const LogPosition from = m_selection.from();
    const LogPosition to = m_selection.to();
    if (m_selection.isEmpty() || number < from.line || number > to.line)
        return {};
    const int start = number == from.line ? from.column : 0;
    const int end = number == to.line ? to.column : length;
    QTextCharFormat format;
    format.setBackground(palette().color(QPalette::Highlight));
    format.setForeground(palette().color(QPalette::HighlightedText));
    return {{start, end - start, format}};
}

LogPosition LogView::positionAt(const QPoint &point)
{
    const int row = point.y() < 0 ? -1 : point.y() / m_lines.lineHeight();
    const qint64 number = std::clamp(m_scroll.top() + row, m_store.begin(), m_store.end() - 1);
    const QTextLine line = m_lines.layout(number).lineAt(0);
    return {number, line.xToCursor(point.x() - textLeft())};
}

void LogView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || m_store.isEmpty())
        return;
    m_selection.cursor = positionAt(event->position().toPoint());
    if (!event->modifiers().testFlag(Qt::ShiftModifier))
        m_selection.anchor = m_selection.cursor;
    viewport()->update();
}

void LogView::mouseMoveEvent(QMouseEvent *event)
{
    if (!event->buttons().testFlag(Qt::LeftButton) || m_store.isEmpty())
        return;
    const QPoint point = event->position().toPoint();
    m_selection.cursor = positionAt(point);
    if (hasSelection())
        m_scroll.detach();
    if (point.y() < 0)
        m_scroll.moveTo(m_scroll.top() - 1);
    else if (point.y() > viewport()->height() && m_scroll.top() < m_scroll.lowestTop())
        m_scroll.moveTo(m_scroll.top() + 1);
    syncBars();
    viewport()->update();
}

void LogView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || m_store.isEmpty())
        return;
    const LogPosition at = positionAt(event->position().toPoint());
    const QTextLayout &layout = m_lines.layout(at.line);
    const QString text = layout.text();
    const auto isWord = [&text](int i) { return !text[i].isSpace(); };
    int from = at.column;
    int to = at.column;
    while (from > 0 && isWord(from - 1))
        --from;
    while (to < text.size() && isWord(to))
        ++to;
    m_selection = {{at.line, from}, {at.line, to}};
    m_scroll.detach();
    syncBars();
    viewport()->update();
}

void LogView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else if (event->matches(QKeySequence::SelectAll))
        selectAll();
    else if (event->key() == Qt::Key_End)
        follow();
    else if (event->key() == Qt::Key_Home)
        verticalScrollBar()->setValue(0);
    else
        QAbstractScrollArea::keyPressEvent(event);
}

void LogView::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction *copying = menu->addAction(tr("&Copy"), QKeySequence::Copy, this, &LogView::copy);
    copying->setEnabled(hasSelection());
    menu->addAction(tr("Select &All"), QKeySequence::SelectAll, this, &LogView::selectAll);
    menu->addAction(tr("&Follow"), this, &LogView::follow)->setEnabled(!isFollowing());
    menu->popup(event->globalPos());
}

void LogView::selectAll()
{
    if (m_store.isEmpty())
        return;
    const qint64 last = m_store.end() - 1;
    m_selection = {{m_store.begin(), 0}, {last, int(m_lines.text(last).size())}};
    m_scroll.detach();
    syncBars();
    viewport()->update();
}

QString LogView::selectedText() const
{
    if (m_selection.isEmpty())
        return {};
    // What was trimmed away meanwhile cannot be had any more.
    const LogPosition from = std::max(m_selection.from(), LogPosition{m_store.begin(), 0});
    const LogPosition to = m_selection.to();
    QStringList lines;
    for (qint64 number = from.line; number <= to.line; ++number) {
        const QString text = m_lines.text(number);
        const int start = number == from.line ? from.column : 0;
        const int end = number == to.line ? to.column : int(text.size());
        lines.append(text.mid(start, end - start));
    }
    return lines.join(u'\n');
}

void LogView::copy() const
{
    if (hasSelection())
        QApplication::clipboard()->setText(selectedText());
}

} // namespace pmdaemon

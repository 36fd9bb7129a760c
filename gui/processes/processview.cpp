// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/processview.h"

#include "gui/processes/celldelegates.h"
#include "gui/processes/processfilterproxy.h"
#include "gui/processes/processmodel.h"

#include <QHeaderView>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

// In digits, by ProcessModel::Column.
constexpr std::array<int, ProcessModel::ColumnCount> widths{14, 20, 12, 20, 13, 15, 11, 13, 11, 8};

} // namespace

ProcessView::ProcessView(ProcessModel &model, ProcessFilterProxy &proxy, QWidget *parent)
    : QTreeView(parent)
    , m_model(model)
    , m_proxy(proxy)
{
    setModel(&proxy);
    setItemDelegate(new CellDelegate(this));
    setItemDelegateForColumn(ProcessModel::Status, new StatusDelegate(this));
    setItemDelegateForColumn(ProcessModel::CpuMinute, new SparklineDelegate(this));
    setRootIsDecorated(false);
    setItemsExpandable(false);
    setUniformRowHeights(true);
    setAlternatingRowColors(true);
    setAllColumnsShowFocus(true);
    setSelectionMode(ExtendedSelection);
    setSelectionBehavior(SelectRows);
    setVerticalScrollMode(ScrollPerPixel);
    setUpHeader();

    connect(&m_uptimeTimer, &QTimer::timeout, this, &ProcessView::repaintUptimes);
    m_uptimeTimer.start(1s);
    m_holdTimer.setSingleShot(true);
    m_holdTimer.setInterval(1s);
    connect(&m_holdTimer, &QTimer::timeout, this, [this] { m_proxy.setOrderHeld(false); });
    const auto refresh = [this] { viewport()->update(); };
    connect(&proxy, &QAbstractItemModel::rowsInserted, this, refresh);
    connect(&proxy, &QAbstractItemModel::rowsRemoved, this, refresh);
}

void ProcessView::setUpHeader()
{
    header()->setSectionResizeMode(QHeaderView::Interactive);
    header()->setStretchLastSection(true);
    header()->setSectionsMovable(true);
    header()->setDefaultAlignment(Qt::AlignCenter);
    const int character = fontMetrics().horizontalAdvance(u'0');
    for (int column = 0; column < ProcessModel::ColumnCount; ++column)
        header()->resizeSection(column, widths[std::size_t(column)] * character);
    setSortingEnabled(true);
    sortByColumn(ProcessModel::Name, Qt::AscendingOrder);

    header()->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header(), &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        fillColumnMenu(menu);
        menu->popup(header()->viewport()->mapToGlobal(at));
    });
}

void ProcessView::fillColumnMenu(QMenu *menu)
{
    menu->clear();
    for (int column = 0; column < ProcessModel::ColumnCount; ++column) {
        if (column == ProcessModel::Name)
            continue;
        QAction *action = menu->addAction(m_model.headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        connect(action, &QAction::toggled, this,
                [this, column](bool shown) { setColumnHidden(column, !shown); });
    }
}

QList<ProcessId> ProcessView::selectedIds() const
{
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QList<ProcessId> ids;
    for (const QModelIndex &row : std::as_const(rows))
        ids.append(m_model.entry(m_proxy.mapToSource(row).row()).id);
    return ids;
}

void ProcessView::select(ProcessId id)
{
    const int row = m_model.rowOf(id);
    if (row >= 0)
        setCurrentIndex(m_proxy.mapFromSource(m_model.index(row, ProcessModel::Status)));
}

void ProcessView::setEmptyText(const QString &text)
{
    if (text == m_emptyText)
        return;
    m_emptyText = text;
    viewport()->update();
}

void ProcessView::repaintUptimes()
{
    if (isVisible() && !isColumnHidden(ProcessModel::Uptime)) {
        viewport()->update(columnViewportPosition(ProcessModel::Uptime), 0,
                           columnWidth(ProcessModel::Uptime), viewport()->height());
    }
}

void ProcessView::paintEvent(QPaintEvent *event)
{
    QTreeView::paintEvent(event);
    if (m_proxy.rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect().adjusted(20, 20, -20, -20),
                     int(Qt::AlignCenter) | int(Qt::TextWordWrap), m_emptyText);
}

void ProcessView::mousePressEvent(QMouseEvent *event)
{
    m_holdTimer.stop();
    m_proxy.setOrderHeld(true);
    QTreeView::mousePressEvent(event);
}

void ProcessView::mouseReleaseEvent(QMouseEvent *event)
{
    QTreeView::mouseReleaseEvent(event);
    m_holdTimer.start();
}

void ProcessView::keyPressEvent(QKeyEvent *event)
{
    m_proxy.setOrderHeld(true);
    m_holdTimer.start();
    QTreeView::keyPressEvent(event);
}

void ProcessView::selectionChanged(const QItemSelection &selected, const QItemSelection &deselected)
{
    QTreeView::selectionChanged(selected, deselected);
    emit selectedIdsChanged();
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/charts/chart.h"

#include "gui/charts/chartlegend.h"
#include "gui/charts/timeseries.h"
#include "gui/theme/colours.h"

#include <QCategoryAxis>
#include <QChart>
#include <QChartView>
#include <QEvent>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QTimerEvent>
#include <QVBoxLayout>
#include <QValueAxis>

namespace pmdaemon {

using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

Chart::Chart(QWidget *parent)
    : QWidget(parent)
    , m_chart(new QChart)
    , m_view(new QChartView(m_chart, this))
    , m_legend(new ChartLegend(this))
    , m_time(new QCategoryAxis(this))
    , m_value(new QValueAxis(this))
{
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->legend()->hide();
    m_chart->setBackgroundRoundness(0);
    m_chart->setMargins({4, 0, 16, 4});
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->addAxis(m_time, Qt::AlignBottom);
    m_chart->addAxis(m_value, Qt::AlignLeft);
    m_time->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    m_time->setTruncateLabels(false);
    m_value->setTickCount(5);
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->setObjectName(u"chartView"_s);
    m_legend->setObjectName(u"chartLegend"_s);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_legend);
    layout->addWidget(m_view, 1);
    setMaximum(100, u"%"_s);
    setSpan(m_span);
    applyPalette();
}

Chart::~Chart() = default;

void Chart::setSpan(std::chrono::minutes span)
{
    m_span = span;
    labelTime();
    scheduleDraw();
}

void Chart::labelTime()
{
    const QStringList old = m_time->categoriesLabels();
    for (const QString &label : old)
        m_time->remove(label);
    const auto minutes = int(m_span.count());
    m_time->setStartValue(-60.0 * minutes);
    m_time->setRange(-60.0 * minutes, 0);
    for (int ago = minutes; ago > 0; --ago)
        m_time->append(tr("%n min ago", nullptr, ago), -60.0 * ago);
    //: the right end of a time axis
    m_time->append(tr("now"), 0);
}

void Chart::setMaximum(double maximum, const QString &unit)
{
    m_value->setRange(0, maximum);
    m_value->setLabelFormat(unit.isEmpty() ? u"%.0f"_s
                                           : u"%.0f "_s + QString(unit).replace(u'%', "%%"_L1));
}

int Chart::addSeries(const QString &name)
{
    m_series.push_back({name, {}, {}, {}});
    scheduleDraw();
    return int(m_series.size()) - 1;
}

void Chart::setSeriesName(int series, const QString &name)
{
    m_series[std::size_t(series)].name = name;
    scheduleDraw();
}

void Chart::setPoints(int series, const QList<QPointF> &points, const QString &latest)
{
    Series &held = m_series[std::size_t(series)];
    held.points = points;
    held.latest = latest;
    scheduleDraw();
}

void Chart::scheduleDraw()
{
    // All series of one turn are drawn together.
    if (!m_dirty && isVisible() && !m_limit.isActive())
        m_limit.start(0, this);
    m_dirty = true;
}

void Chart::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_limit.timerId())
        return;
    m_limit.stop();
    if (m_dirty && isVisible())
        draw();
}

void Chart::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_dirty)
        draw();
}

void Chart::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        applyPalette();
    else if (event->type() == QEvent::LanguageChange)
        labelTime();
}

void Chart::draw()
{
    // A little less than a second: samples a second apart must not wait for the next one.
    constexpr auto shortestPause = 900;
    m_dirty = false;
    ++m_drawCount;
    QList<ChartLegend::Item> legend;
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        Series &series = m_series[i];
        drawSeries(series, int(i));
        //: a line of a chart and its newest figure
        legend.append(
            {series.latest.isEmpty() ? series.name : tr("%1 %2").arg(series.name, series.latest),
             seriesStyle(int(i), shadeOf(palette()))});
    }
    m_legend->setItems(legend);
    m_limit.start(shortestPause, this);
}

void Chart::drawSeries(Series &series, int number)
{
    const double widest = std::chrono::duration<double>(m_widestStep).count();
    const int buckets = std::max(60, int(m_chart->plotArea().width()));
    const QList<QList<QPointF>> runs = splitAtGaps(series.points, widest);
    while (series.runs.size() < runs.size())
        series.runs.append(addRun(number));
    for (qsizetype i = 0; i < series.runs.size(); ++i) {
        if (i < runs.size())
            series.runs[i]->replace(decimated(runs[i], buckets));
        else if (series.runs[i]->count() > 0)
            series.runs[i]->clear();
    }
}

QLineSeries *Chart::addRun(int number)
{
    auto *line = new QLineSeries;
    const SeriesStyle style = seriesStyle(number, shadeOf(palette()));
    line->setPen(QPen(style.colour, 1.5, style.dash));
    m_chart->addSeries(line);
    line->attachAxis(m_time);
    line->attachAxis(m_value);
    return line;
}

void Chart::applyPalette()
{
    const Shade shade = shadeOf(palette());
    const QColor base = palette().color(QPalette::Base);
    const QColor text = palette().color(QPalette::Text);
    QColor grid = text;
    grid.setAlphaF(0.16F);
    m_chart->setBackgroundBrush(base);
    m_chart->setPlotAreaBackgroundVisible(false);
    m_view->setBackgroundBrush(base);
    for (QAbstractAxis *axis :
         {static_cast<QAbstractAxis *>(m_time), static_cast<QAbstractAxis *>(m_value)}) {
        axis->setLabelsColor(text);
        axis->setLabelsFont(font());
        axis->setGridLinePen(QPen(grid, 1));
        axis->setLinePen(QPen(grid, 1));
    }
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        const SeriesStyle style = seriesStyle(int(i), shade);
        for (QLineSeries *run : std::as_const(m_series[i].runs))
            run->setPen(QPen(style.colour, 1.5, style.dash));
    }
    scheduleDraw();
}

} // namespace pmdaemon

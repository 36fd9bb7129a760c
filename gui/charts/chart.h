// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QBasicTimer>
#include <QHash>
#include <QList>
#include <QPointF>
#include <QWidget>

#include <chrono>
#include <vector>

class QCategoryAxis;
class QChart;
class QChartView;
class QLineSeries;
class QValueAxis;

namespace pmdaemon {

class ChartLegend;

/// Lines over the last stretch of time: x is seconds ago (≤ 0), y from 0 to a fixed maximum.
/// Drawn at most once a second, and not at all while hidden. Holes are shown as holes.
class Chart : public QWidget
{
    Q_OBJECT

public:
    explicit Chart(QWidget *parent = nullptr);
    ~Chart() override;

    /// The stretch shown, a whole number of minutes.
    void setSpan(std::chrono::minutes span);
    /// The upper edge and its unit, as in "100 %".
    void setMaximum(double maximum, const QString &unit);
    /// Two neighbours further apart than this are not joined.
    void setWidestStep(std::chrono::milliseconds step) { m_widestStep = step; }

    /// The number that setPoints() knows it by; at most eight series.
    int addSeries(const QString &name);
    void setSeriesName(int series, const QString &name);
    /// Ascending in x. `latest` is the figure beside the name in the legend.
    void setPoints(int series, const QList<QPointF> &points, const QString &latest);
    /// How often the lines were drawn so far.
    int drawCount() const { return m_drawCount; }

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    struct Series
    {
        QString name;
        QString latest;
        QList<QPointF> points;
        QList<QLineSeries *> runs; ///< as many as there were runs at most; the rest is empty
    };

    void scheduleDraw();
    void draw();
    void drawSeries(Series &series, int number);
    QLineSeries *addRun(int number);
    void labelTime();
    void applyPalette();

    QChart *m_chart;
    QChartView *m_view;
    ChartLegend *m_legend;
    QCategoryAxis *m_time;
    QValueAxis *m_value;
    std::vector<Series> m_series;
    QBasicTimer m_limit; ///< runs for a second after each drawing
    std::chrono::minutes m_span{5};
    std::chrono::milliseconds m_widestStep{2'500};
    int m_drawCount = 0;
    bool m_dirty = false;
};

} // namespace pmdaemon

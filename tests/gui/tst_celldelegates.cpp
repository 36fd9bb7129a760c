// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/processes/celldelegates.h"
#include "gui/processes/processmodel.h"
#include "gui/theme/colours.h"
#include "gui/theme/theme.h"
#include "tests/support/fakebackend.h"

#include <QPainter>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

QImage render(const QAbstractItemDelegate &delegate, const QModelIndex &index, Theme theme,
              bool selected)
{
    QImage image(160, 28, QImage::Format_RGB32);
    QStyleOptionViewItem option;
    option.rect = image.rect();
    option.palette = paletteOf(theme);
    option.state = QStyle::State_Enabled | QStyle::State_Active;
    if (selected)
        option.state |= QStyle::State_Selected;
    image.fill(option.palette.color(QPalette::Base));
    QPainter painter(&image);
    delegate.paint(&painter, option, index);
    return image;
}

/// Edges are blended with what is beside them.
bool isNear(const QColor &a, const QColor &b)
{
    constexpr int tolerance = 24;
    return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) +
               std::abs(a.blue() - b.blue()) <=
           tolerance;
}

int countOf(const QImage &image, const QColor &colour)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            count += isNear(image.pixelColor(x, y), colour);
    }
    return count;
}

} // namespace

class TestCellDelegates : public QObject
{
    Q_OBJECT

private slots:
    void drawsEachStatusInItsColourAndShape()
    {
        FakeBackend backend;
        for (int status = 0; status < 6; ++status)
            backend.add(FakeBackend::entry(status, u"p"_s, ProcessStatus(status)));
        ProcessModel model(backend);
        const StatusDelegate delegate;
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            QList<QImage> glyphs;
            for (int status = 0; status < 6; ++status) {
                const QImage image = render(delegate, model.index(status, 0), theme, false);
                const QColor colour =
                    statusColour(ProcessStatus(status), shadeOf(paletteOf(theme)));
                const QImage glyph = image.copy(0, 0, 24, 28);
                QVERIFY2(countOf(glyph, colour) > 10, qPrintable(colour.name()));
                // Shapes differ even to somebody who sees no colour at all.
                const QImage mask =
                    glyph.createMaskFromColor(paletteOf(theme).color(QPalette::Base).rgb());
                for (const QImage &other : std::as_const(glyphs))
                    QVERIFY(mask != other);
                glyphs.append(mask);
            }
        }
    }

    void staysReadableOnTheSelection()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(0, u"p"_s, ProcessStatus::Errored));
        ProcessModel model(backend);
        const StatusDelegate delegate;
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            const QPalette palette = paletteOf(theme);
            const QImage image = render(delegate, model.index(0, 0), theme, true);
            QCOMPARE(countOf(image, statusColour(ProcessStatus::Errored, shadeOf(palette))), 0);
            QVERIFY(countOf(image.copy(0, 0, 24, 28), palette.color(QPalette::HighlightedText)) >
                    10);
        }
    }

    void drawsAnUnknownShapeWhileStale()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(0, u"p"_s));
        ProcessModel model(backend);
        backend.setConnectionState(ConnectionState::Lost);
        const QImage image = render(StatusDelegate(), model.index(0, 0), Theme::Light, false);
        QCOMPARE(countOf(image, statusColour(ProcessStatus::Online, Shade::Light)), 0);
    }

    void drawsTheLastMinuteWithItsGaps()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(0, u"p"_s));
        ProcessModel model(backend);
        const auto tick = [&backend](double cpu) {
            backend.applyMetrics({.time = wallNow(),
                                  .interval = milliseconds{1'000},
                                  .processes = {{ProcessId{0}, cpu, 1, milliseconds{1}}}});
        };
        const QColor base = paletteOf(Theme::Light).color(QPalette::Base);
        const QModelIndex cell = model.index(0, ProcessModel::CpuMinute);
        const QImage empty = render(SparklineDelegate(), cell, Theme::Light, false);
        QCOMPARE(countOf(empty, base), 160 * 28);
        for (int i = 0; i < 30; ++i)
            tick(100);
        ProcessEntry stopped = *backend.process(ProcessId{0});
        stopped.pid.reset();
        backend.applyStatus({stopped, ProcessStatus::Online});
        for (int i = 0; i < 30; ++i)
            tick(0);
        const QImage image = render(SparklineDelegate(), cell, Theme::Light, false);
        QVERIFY(countOf(image.copy(10, 0, 55, 28), base) < 55 * 28 / 2);
        QCOMPARE(countOf(image.copy(90, 0, 60, 28), base), 60 * 28);
    }

    void makesRoomForTheWord()
    {
        FakeBackend backend;
        backend.add(FakeBackend::entry(0, u"p"_s, ProcessStatus::Restarting));
        ProcessModel model(backend);
        QStyleOptionViewItem option;
        option.fontMetrics = QFontMetrics(QFont());
        const QSize size = StatusDelegate().sizeHint(option, model.index(0, 0));
        QVERIFY(size.width() > option.fontMetrics.horizontalAdvance(u"restarting"_s) + 10);
    }
};

QTEST_MAIN(TestCellDelegates)
#include "tst_celldelegates.moc"

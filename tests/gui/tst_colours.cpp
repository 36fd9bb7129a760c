// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/theme/colours.h"
#include "gui/theme/icons.h"
#include "gui/theme/theme.h"
#include "gui/window/actionpolicy.h"

#include <QTest>

#include <array>
#include <cmath>
#include <numbers>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

// Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
constexpr Matrix normal{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix protan{{{0.152286, 1.052583, -0.204868},
                         {0.114503, 0.786281, 0.099216},
                         {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deutan{{{0.367322, 0.860646, -0.227968},
                         {0.280085, 0.672501, 0.047413},
                         {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix tritan{{{1.255528, -0.076749, -0.178779},
                         {-0.078411, 0.930809, 0.147602},
                         {0.004733, 0.691367, 0.303900}}};

Triple times(const Matrix &m, const Triple &v)
{
    Triple out{};
    for (std::size_t i = 0; i < 3; ++i)
        out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
    return out;
}

double linear(double c)
{
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

/// CIE L*a*b* (D65) of a colour as somebody with that vision sees it.
Triple labOf(const QColor &colour, const Matrix &vision)
{
    Triple rgb =
        times(vision, {linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())});
    for (double &c : rgb)
        c = std::clamp(c, 0.0, 1.0);
    const Triple xyz = times(
        {{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}}, rgb);
    const auto f = [](double t) {
        return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    };
    const double x = f(xyz[0] / 0.95047);
    const double y = f(xyz[1]);
    const double z = f(xyz[2] / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/// CIEDE2000, after Sharma, Wu, Dalal 2005.
double deltaE(const Triple &p, const Triple &q)
{
    constexpr double pi = std::numbers::pi;
    const auto power7 = [](double v) { return std::pow(v, 7); };
    const double cMean = (std::hypot(p[1], p[2]) + std::hypot(q[1], q[2])) / 2;
    const double g = 0.5 * (1 - std::sqrt(power7(cMean) / (power7(cMean) + power7(25))));
    const double a1 = (1 + g) * p[1];
    const double a2 = (1 + g) * q[1];
    const double c1 = std::hypot(a1, p[2]);
    const double c2 = std::hypot(a2, q[2]);
    const auto angle = [](double b, double a) {
        const double h = std::atan2(b, a);
        return h < 0 ? h + 2 * pi : h;
    };
    const double h1 = angle(p[2], a1);
    const double h2 = angle(q[2], a2);
    double dh = h2 - h1;
    if (dh > pi)
        dh -= 2 * pi;
    else if (dh < -pi)
        dh += 2 * pi;
    const double dL = q[0] - p[0];
    const double dC = c2 - c1;
    const double dH = 2 * std::sqrt(c1 * c2) * std::sin(dh / 2);
    double hMean = (h1 + h2) / 2;
    if (std::abs(h1 - h2) > pi)
        hMean += hMean < pi ? pi : -pi;
    const double lMean = (p[0] + q[0]) / 2;
    const double cBar = (c1 + c2) / 2;
    const auto degrees = [](double d) { return d * pi / 180; };
    const double t = 1 - 0.17 * std::cos(hMean - degrees(30)) + 0.24 * std::cos(2 * hMean) +
                     0.32 * std::cos(3 * hMean + degrees(6)) -
                     0.20 * std::cos(4 * hMean - degrees(63));
    const double l50 = (lMean - 50) * (lMean - 50);
    const double sL = 1 + 0.015 * l50 / std::sqrt(20 + l50);
    const double sC = 1 + 0.045 * cBar;
    const double sH = 1 + 0.015 * cBar * t;
    const double turn = (hMean * 180 / pi - 275) / 25;
    const double rT = -2 * std::sqrt(power7(cBar) / (power7(cBar) + power7(25))) *
                      std::sin(degrees(60) * std::exp(-turn * turn));
    return std::sqrt(std::pow(dL / sL, 2) + std::pow(dC / sC, 2) + std::pow(dH / sH, 2) +
                     rT * (dC / sC) * (dH / sH));
}

QList<QColor> statusColours(Shade shade)
{
    QList<QColor> colours;
    for (int status = 0; status < 6; ++status)
        colours.append(statusColour(ProcessStatus(status), shade));
    return colours;
}

} // namespace

class TestColours : public QObject
{
    Q_OBJECT

private slots:
    void measuresAsTheStandardsDo()
    {
        QCOMPARE(qRound(contrastRatio(Qt::black, Qt::white) * 100), 2'100);
        // The first pair of Sharma's table of reference.
        QVERIFY(std::abs(deltaE({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) < 1e-4);
    }

    void keepsStatusesReadableOnEveryBase()
    {
        for (const QColor &base : {QColor(0xffffffff), QColor(0xffefefef)}) {
            for (const QColor &colour : statusColours(Shade::Light))
                QVERIFY2(contrastRatio(colour, base) >= 4.5, qPrintable(colour.name()));
        }
        for (const QColor &base : {QColor(0xff1e1e1e), QColor(0xff2a2e32), QColor(0xff353535)}) {
            for (const QColor &colour : statusColours(Shade::Dark))
                QVERIFY2(contrastRatio(colour, base) >= 4.5, qPrintable(colour.name()));
        }
    }

    void keepsStatusesApartForEveryVision()
    {
        for (const Shade shade : {Shade::Light, Shade::Dark}) {
            const QList<QColor> colours = statusColours(shade);
            for (const Matrix &vision : {normal, protan, deutan, tritan}) {
                for (qsizetype i = 0; i < colours.size(); ++i) {
                    for (qsizetype j = 0; j < i; ++j) {
                        QVERIFY2(deltaE(labOf(colours[i], vision), labOf(colours[j], vision)) >= 12,
                                 qPrintable(colours[i].name() + colours[j].name()));
                    }
                }
            }
        }
    }

    void keepsForcedThemesReadable()
    {
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            const QPalette palette = paletteOf(theme);
            const auto ratio = [&palette](QPalette::ColorRole a, QPalette::ColorRole b) {
                return contrastRatio(palette.color(a), palette.color(b));
            };
            QVERIFY(ratio(QPalette::Text, QPalette::Base) >= 7);
            QVERIFY(ratio(QPalette::Text, QPalette::AlternateBase) >= 7);
            QVERIFY(ratio(QPalette::WindowText, QPalette::Window) >= 7);
            QVERIFY(ratio(QPalette::HighlightedText, QPalette::Highlight) >= 4.5);
            QVERIFY(ratio(QPalette::PlaceholderText, QPalette::Base) >= 4.5);
            QVERIFY(ratio(QPalette::Link, QPalette::Window) >= 4.5);
            const Shade shade = shadeOf(palette);
            QCOMPARE(shade, theme == Theme::Light ? Shade::Light : Shade::Dark);
            const BannerColours banner = warningColours(shade);
            QVERIFY(contrastRatio(banner.text, banner.background) >= 4.5);
            QVERIFY(contrastRatio(banner.link, banner.background) >= 4.5);
            QVERIFY(contrastRatio(unknownColour(shade), palette.color(QPalette::Base)) >= 4.5);
        }
    }

    void makesAnyColourReadable()
    {
        for (const QColor &base : {QColor(Qt::white), QColor(0xff1e1e1e), QColor(0xff808080)}) {
            for (int hue = 0; hue < 360; hue += 20) {
                for (const int value : {0, 128, 255})
                    QVERIFY(contrastRatio(readableOn(base, QColor::fromHsv(hue, 255, value)),
                                          base) >= 4.49);
            }
        }
        QCOMPARE(readableOn(Qt::white, QColor(0xff035a41)), QColor(0xff035a41));
    }

    void hasADrawingForEveryAction()
    {
        for (const Action action : offeredActions) {
            const QIcon icon = themedIcon(QString(toString(action)), paletteOf(Theme::Dark));
            QVERIFY(!icon.isNull());
            const QImage image = icon.pixmap(32, 32).toImage();
            bool light = false;
            for (int x = 0; x < image.width(); ++x) {
                for (int y = 0; y < image.height(); ++y)
                    light = light ||
                            (qAlpha(image.pixel(x, y)) > 200 && qGray(image.pixel(x, y)) > 200);
            }
            QVERIFY2(light, "drawn in the dark theme's text colour");
        }
        QVERIFY(!applicationIcon().isNull());
    }
};

QTEST_MAIN(TestColours)
#include "tst_colours.moc"

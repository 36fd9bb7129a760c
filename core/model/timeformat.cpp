// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/timeformat.h"

#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString offset(const QDateTime &time, QLatin1StringView separator)
{
    const int minutes = std::abs(time.offsetFromUtc()) / 60;
    const QTime distance = QTime(0, 0).addSecs(minutes * 60);
    return (time.offsetFromUtc() < 0 ? u'-' : u'+') + distance.toString(u"HH"_s) + separator +
           distance.toString(u"mm"_s);
}

struct Token
{
    QLatin1StringView text;
    QLatin1StringView qt; ///< as QDateTime formats it; empty = by `make`
    QString (*make)(const QDateTime &time) = nullptr;
};

// A token stands before those that it begins with.
constexpr std::array tokens{
    Token{"YYYY"_L1, "yyyy"_L1},
    Token{"YY"_L1, "yy"_L1},
    Token{"MMMM"_L1, "MMMM"_L1},
    Token{"MMM"_L1, "MMM"_L1},
    Token{"MM"_L1, "MM"_L1},
    Token{"M"_L1, "M"_L1},
    Token{"DD"_L1, "dd"_L1},
    Token{"D"_L1, "d"_L1},
    Token{"dddd"_L1, "dddd"_L1},
    Token{"ddd"_L1, "ddd"_L1},
    Token{"HH"_L1, "HH"_L1},
    Token{"H"_L1, "H"_L1},
    Token{"hh"_L1,
          {},
          [](const QDateTime &t) { return QLocale::c().toString(t, u"hh AP"_s).first(2); }},
    Token{
        "h"_L1,
        {},
        [](const QDateTime &t) { return QLocale::c().toString(t, u"h AP"_s).section(u' ', 0, 0); }},
    Token{"mm"_L1, "mm"_L1},
    Token{"m"_L1, "m"_L1},
    Token{"SSS"_L1, "zzz"_L1},
    Token{"ss"_L1, "ss"_L1},
    Token{"s"_L1, "s"_L1},
    Token{"A"_L1, "AP"_L1},
    Token{"a"_L1, "ap"_L1},
    Token{"ZZ"_L1, {}, [](const QDateTime &t) { return offset(t, {}); }},
    Token{"Z"_L1, {}, [](const QDateTime &t) { return offset(t, ":"_L1); }},
    Token{"X"_L1, {}, [](const QDateTime &t) { return QString::number(t.toSecsSinceEpoch()); }},
    Token{"x"_L1, {}, [](const QDateTime &t) { return QString::number(t.toMSecsSinceEpoch()); }},
};

} // namespace

QString formatTime(WallTime time, QStringView format, const QTimeZone &zone)
{
    const QDateTime moment = QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count(), zone);
    QString text;
    while (!format.isEmpty()) {
        const qsizetype closing = format.front() == u'[' ? format.indexOf(u']') : -1;
        if (closing > 0) {
            text += format.sliced(1, closing - 1);
            format = format.sliced(closing + 1);
            continue;
        }
        const auto token = std::find_if(tokens.begin(), tokens.end(), [&](const Token &each) {
            return format.startsWith(each.text);
        });
        if (token == tokens.end()) {
            text += format.front();
            format = format.sliced(1);
            continue;
        }
        text += token->make ? token->make(moment) : QLocale::c().toString(moment, token->qt);
        format = format.sliced(token->text.size());
    }
    return text;
}

} // namespace pmdaemon

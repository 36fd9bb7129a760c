// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/nearestname.h"

#include <algorithm>
#include <vector>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// No known name is longer, and a longer text is near none of them.
constexpr qsizetype MaxLength = 64;

/// Insertions, deletions, replacements and swapped neighbours between the two (optimal string
/// alignment). A beginning or a continuation of the other counts as one.
int editDistance(QStringView a, QLatin1StringView b)
{
    const qsizetype common = std::min(a.size(), b.size());
    if (common >= 3 && a.first(common).compare(b.first(common), Qt::CaseInsensitive) == 0)
        return a.size() == b.size() ? 0 : 1;
    const qsizetype width = b.size() + 1;
    std::vector<int> cells(std::size_t((a.size() + 1) * width));
    const auto cell = [&](qsizetype i, qsizetype j) -> int & {
        return cells[std::size_t(i * width + j)];
    };
    const auto equal = [&](qsizetype i, qsizetype j) {
        return a[i - 1].toLower() == QChar(b[j - 1]).toLower();
    };
    for (qsizetype i = 0; i <= a.size(); ++i) {
        for (qsizetype j = 0; j <= b.size(); ++j) {
            int &here = cell(i, j);
            here = int(i + j); // right on the edges, too high elsewhere
            if (i > 0 && j > 0) {
                here = std::min({cell(i - 1, j) + 1, cell(i, j - 1) + 1,
                                 cell(i - 1, j - 1) + (equal(i, j) ? 0 : 1)});
            }
            if (i > 1 && j > 1 && equal(i, j - 1) && equal(i - 1, j))
                here = std::min(here, cell(i - 2, j - 2) + 1);
        }
    }
    return cell(a.size(), b.size());
}

} // namespace

QLatin1StringView nearestName(QStringView text, std::span<const QLatin1StringView> names)
{
    if (text.isEmpty() || text.size() > MaxLength)
        return {};
    int best = std::max(1, int(text.size()) / 3) + 1;
    QLatin1StringView nearest;
    for (const QLatin1StringView name : names) {
        const int distance = editDistance(text, name);
        if (distance < best) {
            best = distance;
            nearest = name;
        }
    }
    return nearest;
}

QString didYouMean(QStringView text, std::span<const QLatin1StringView> names)
{
    const QLatin1StringView name = nearestName(text, names);
    return name.isEmpty() ? QString() : u"; did you mean \""_s + name + u"\"?"_s;
}

QString quoted(QStringView text)
{
    constexpr qsizetype shown = 40;
    QString copy = text.first(std::min(text.size(), shown)).toString();
    for (QChar &c : copy) {
        if (c.category() == QChar::Other_Control || c.isSurrogate())
            c = QChar::ReplacementCharacter;
    }
    return u'"' + copy + (text.size() > shown ? u"…\""_s : u"\""_s);
}

} // namespace pmdaemon

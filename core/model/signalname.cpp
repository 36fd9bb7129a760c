// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/signalname.h"

#include <csignal>
#include <cstring>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

QString signalName(int number)
{
    const char *name = sigabbrev_np(number);
    return u"SIG"_s + (name ? QString::fromLatin1(name) : QString::number(number));
}

std::optional<int> signalFromString(QStringView text)
{
    const QStringView prefix = u"SIG";
    const bool prefixed = text.startsWith(prefix, Qt::CaseInsensitive);
    const QStringView name = prefixed ? text.sliced(prefix.size()) : text;
    bool isNumber = false;
    int number = name.toInt(&isNumber);
    if (isNumber && name.front().isDigit())
        return number >= 1 && number <= SIGRTMAX ? std::optional(number) : std::nullopt;
    for (number = 1; number < SIGRTMIN; ++number) {
        const char *known = sigabbrev_np(number);
        if (known && name.compare(QLatin1StringView(known), Qt::CaseInsensitive) == 0)
            return number;
    }
    return std::nullopt;
}

} // namespace pmdaemon

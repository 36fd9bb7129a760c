// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/commandwords.h"

namespace pmdaemon {

QStringList commandWords(QStringView text)
{
    QStringList words;
    bool isInWord = false;
    QChar quote; // null = none
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        const QChar next = i + 1 < text.size() ? text[i + 1] : QChar();
        if (quote.isNull() && c.isSpace()) {
            isInWord = false;
            continue;
        }
        if (!isInWord)
            words.append(QString());
        isInWord = true;
        const bool isQuote = c == u'"' || c == u'\'';
        if (isQuote && (quote.isNull() || quote == c))
            quote = quote.isNull() ? c : QChar();
        else if (c == u'\\' && !next.isNull() &&
                 (quote.isNull() || (quote == u'"' && QStringView(u"\"\\$`").contains(next))))
            words.last() += text[++i];
        else
            words.last() += c;
    }
    return words;
}

} // namespace pmdaemon

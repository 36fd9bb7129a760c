// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArrayView>
#include <QChar>
#include <QList>

#include <optional>

namespace pmdaemon {

/// A key that somebody pressed on a terminal.
struct KeyPress
{
    enum class Kind { Character, Up, Down, PageUp, PageDown, Home, End };

    Kind kind = Kind::Character;
    QChar character = {};

    bool operator==(const KeyPress &) const = default;
};

/// What a terminal has sent, which ends with a whole sequence: UTF-8, and the sequences of cursor
/// keys as xterm and its kin have them; others are left out.
QList<KeyPress> keyPresses(QByteArrayView bytes);

/// Where `key` leads from `at` among the numbers below `count`, of which a page shows `page`:
/// cursor keys, and j k g G as less(1) has them. Nothing for another key.
std::optional<qsizetype> moved(const KeyPress &key, qsizetype at, qsizetype count, qsizetype page);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/keypress.h"

#include <QString>

#include <algorithm>
#include <array>

namespace pmdaemon {

namespace {

struct Sequence
{
    QByteArrayView bytes; ///< behind ESC [ or ESC O
    KeyPress::Kind kind;
};

constexpr std::array sequences = {
    Sequence{"A", KeyPress::Kind::Up},      Sequence{"B", KeyPress::Kind::Down},
    Sequence{"H", KeyPress::Kind::Home},    Sequence{"F", KeyPress::Kind::End},
    Sequence{"1~", KeyPress::Kind::Home},   Sequence{"4~", KeyPress::Kind::End},
    Sequence{"5~", KeyPress::Kind::PageUp}, Sequence{"6~", KeyPress::Kind::PageDown},
};

/// How long the control sequence is that `bytes` begin with (ECMA-48 5.4), without its introducer.
qsizetype sequenceLength(QByteArrayView bytes)
{
    const auto isFinal = [](char c) { return c >= 0x40 && c <= 0x7e; };
    const auto end = std::find_if(bytes.begin(), bytes.end(), isFinal);
    return std::min<qsizetype>(end - bytes.begin() + 1, bytes.size());
}

} // namespace

QList<KeyPress> keyPresses(QByteArrayView bytes)
{
    QList<KeyPress> keys;
    while (!bytes.isEmpty()) {
        if (bytes.startsWith("\x1b[") || bytes.startsWith("\x1bO")) {
            bytes = bytes.sliced(2);
            const QByteArrayView sequence = bytes.first(sequenceLength(bytes));
            const auto known =
                std::find_if(sequences.begin(), sequences.end(),
                             [&](const Sequence &each) { return each.bytes == sequence; });
            if (known != sequences.end())
                keys.append({known->kind});
            bytes = bytes.sliced(sequence.size());
            continue;
        }
        const qsizetype next = std::max<qsizetype>(bytes.indexOf('\x1b', 1), 0);
        const QByteArrayView text = next == 0 ? bytes : bytes.first(next);
        for (const QChar c : QString::fromUtf8(text)) {
            if (c.isPrint())
                keys.append({KeyPress::Kind::Character, c});
        }
        bytes = bytes.sliced(text.size());
    }
    return keys;
}

std::optional<qsizetype> moved(const KeyPress &key, qsizetype at, qsizetype count, qsizetype page)
{
    using enum KeyPress::Kind;
    struct Move
    {
        KeyPress::Kind kind;
        QChar letter;
        qsizetype to;
    };
    const std::array moves = {
        Move{Up, u'k', at - 1},        Move{Down, u'j', at + 1}, Move{PageUp, {}, at - page},
        Move{PageDown, {}, at + page}, Move{Home, u'g', 0},      Move{End, u'G', count - 1},
    };
    const auto found = std::find_if(moves.begin(), moves.end(), [&](const Move &move) {
        return key.kind == Character ? !move.letter.isNull() && key.character == move.letter
                                     : key.kind == move.kind;
    });
    if (found == moves.end())
        return std::nullopt;
    return std::clamp<qsizetype>(found->to, 0, std::max<qsizetype>(count - 1, 0));
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArrayView>
#include <QHash>
#include <QJsonValue>
#include <QString>

#include <tl/expected.hpp>

namespace pmdaemon {

/// What a JSON text may hold. Always refused: duplicate keys, U+0000 and lone surrogates in
/// strings, invalid UTF-8, numbers that a double cannot hold, anything after the value.
struct JsonRules
{
    int maxDepth = 32;
    int maxKeys = 1'024;    ///< per object
    int maxValues = 32'768; ///< in the whole text: bounds the memory that a small text can take
    bool relaxed = false;   ///< comments and trailing commas are fine
    bool keepOffsets = false;
};

struct ParsedJson
{
    QJsonValue root;
    /// With keepOffsets: JSON pointer → where in the text the member's key or the element begins.
    /// Texts whose pointers would take much memory have it for their first values alone.
    QHash<QString, qsizetype> offsets;
};

/// Why a text was refused. `syntax`: it is no JSON at all; else it is JSON that breaks a rule, and
/// `pointer` (RFC 6901) says where.
struct JsonProblem
{
    bool syntax = false;
    QString pointer;
    qsizetype offset = 0;
    QString message;
};

/// In one pass that stops at the first broken rule, without memory for what lies behind it.
tl::expected<ParsedJson, JsonProblem> parseStrictJson(QByteArrayView text, const JsonRules &rules);

/// 1-based; the column counts bytes.
struct TextPosition
{
    int line = 1;
    int column = 1;

    bool operator==(const TextPosition &) const = default;
};
TextPosition positionAt(QByteArrayView text, qsizetype offset);

/// `pointer` with one more step, escaped as RFC 6901 says.
QString pointerTo(const QString &pointer, QStringView key);

} // namespace pmdaemon

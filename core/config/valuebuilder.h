// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/strictjson.h"

#include <QJsonArray>
#include <QJsonObject>

#include <vector>

namespace pmdaemon {

/// Builds Qt's values out of what the parser of some format reports, one after another, and holds
/// them to the rules. Every step returns false at the first broken rule; then message() says which,
/// and pointer() where.
class ValueBuilder
{
public:
    explicit ValueBuilder(const JsonRules &rules)
        : m_rules(rules)
    {}
    virtual ~ValueBuilder() = default;

    bool value(QJsonValue value) { return noteValue() && put(std::move(value)); }
    bool text(QString text);
    bool key(const QString &key);
    bool begin(bool isObject);
    bool endObject();
    bool endArray();

    /// A value that stands elsewhere in the text too, made of `values` values.
    bool copy(const QJsonValue &value, int values);

    /// Of the value that was read last; `next` = of the one that could not be read.
    QString pointer(bool next = false) const;
    qsizetype offsetOf(const QString &pointer, qsizetype fallback) const
    {
        return m_offsets.value(pointer, fallback);
    }
    QString message() const { return m_message; }
    bool refuse(QString message);

    int values() const { return m_values; }
    QJsonValue last() const;
    ParsedJson take() { return {std::move(m_root), std::move(m_offsets)}; }

protected:
    /// Where the key or value that is being reported begins in the text; `opens` = an object or
    /// list. Asked only when offsets are kept.
    virtual qsizetype place(bool opens) const = 0;

private:
    struct Member
    {
        QString key;
        QJsonValue value;
    };
    struct Frame
    {
        bool isObject = false;
        QString key;          ///< object: of the member that is being read
        qsizetype index = -1; ///< array: of the element that is being read
        std::vector<Member> members;
        QJsonArray elements;
    };

    bool noteValue(bool opens = false);
    bool put(QJsonValue value);
    void noteOffset(qsizetype offset);

    const JsonRules m_rules;
    std::vector<Frame> m_frames;
    QJsonValue m_root;
    QHash<QString, qsizetype> m_offsets;
    QString m_message;
    int m_values = 0;
    qsizetype m_pointerCharacters = 0;
};

/// A text in which half of a surrogate pair stands.
QString halfPairMessage();

} // namespace pmdaemon

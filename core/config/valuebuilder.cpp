// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/valuebuilder.h"

#include <algorithm>
#include <utility>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// What makes a text unusable although the grammar allows it.
std::optional<QString> brokenText(QStringView text)
{
    if (text.contains(QChar::Null))
        return u"the text holds the character U+0000"_s;
    return text.isValidUtf16() ? std::nullopt : std::optional(halfPairMessage());
}

} // namespace

QString halfPairMessage()
{
    return u"the text holds half of a surrogate pair"_s;
}

QString ValueBuilder::pointer(bool next) const
{
    QString path;
    for (const Frame &frame : m_frames) {
        const bool last = &frame == &m_frames.back();
        const qsizetype index = frame.index + (next && last ? 1 : 0);
        if (frame.isObject ? !frame.key.isNull() : index >= 0)
            path = pointerTo(path, frame.isObject ? frame.key : QString::number(index));
    }
    return path;
}

bool ValueBuilder::refuse(QString message)
{
    m_message = std::move(message);
    return false;
}

void ValueBuilder::noteOffset(qsizetype offset)
{
    // Long keys around many values would make pointers that take far more than the text.
    constexpr qsizetype MaxCharacters = 32 * 1024 * 1024;
    if (m_pointerCharacters > MaxCharacters)
        return;
    const QString where = pointer();
    m_pointerCharacters += where.size();
    m_offsets.insert(where, offset);
}

/// A scalar has been read, or a container begins: counts it and moves the pointer to it.
bool ValueBuilder::noteValue(bool opens)
{
    if (!m_frames.empty() && !m_frames.back().isObject) {
        ++m_frames.back().index;
        if (m_rules.keepOffsets)
            noteOffset(place(opens));
    }
    if (++m_values > m_rules.maxValues)
        return refuse(u"more than %1 values; send less at once"_s.arg(m_rules.maxValues));
    return true;
}

bool ValueBuilder::text(QString text)
{
    if (const auto broken = brokenText(text))
        return noteValue() && refuse(*broken);
    return value(std::move(text));
}

bool ValueBuilder::copy(const QJsonValue &value, int values)
{
    if (!noteValue())
        return false;
    m_values += values - 1; // an excess is found with the next value, and this one costs nothing
    return put(value);
}

bool ValueBuilder::begin(bool isObject)
{
    if (!noteValue(true))
        return false;
    if (int(m_frames.size()) >= m_rules.maxDepth)
        return refuse(u"nested deeper than %1 levels"_s.arg(m_rules.maxDepth));
    m_frames.push_back({isObject, {}, -1, {}, {}});
    return true;
}

bool ValueBuilder::put(QJsonValue value)
{
    if (m_frames.empty())
        m_root = std::move(value);
    else if (m_frames.back().isObject)
        m_frames.back().members.push_back({m_frames.back().key, std::move(value)});
    else
        m_frames.back().elements.append(std::move(value));
    return true;
}

QJsonValue ValueBuilder::last() const
{
    if (m_frames.empty())
        return m_root;
    const Frame &frame = m_frames.back();
    return frame.isObject ? frame.members.back().value : frame.elements.last();
}

bool ValueBuilder::key(const QString &key)
{
    Frame &frame = m_frames.back();
    if (int(frame.members.size()) >= m_rules.maxKeys)
        return refuse(u"more than %1 keys in one object"_s.arg(m_rules.maxKeys));
    frame.key = key.isNull() ? u""_s : key;
    if (const auto broken = brokenText(frame.key))
        return refuse(*broken);
    if (m_rules.keepOffsets)
        noteOffset(place(false));
    return true;
}

bool ValueBuilder::endObject()
{
    std::vector<Member> members = std::move(m_frames.back().members);
    // Sorted, duplicates are neighbours, and QJsonObject appends instead of moving its tail.
    std::stable_sort(members.begin(), members.end(),
                     [](const Member &a, const Member &b) { return a.key < b.key; });
    QJsonObject object;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0 && members[i].key == members[i - 1].key) {
            m_frames.back().key = members[i].key;
            return refuse(u"the key stands here twice; keep one"_s);
        }
        object.insert(members[i].key, std::move(members[i].value));
    }
    m_frames.pop_back();
    return put(object);
}

bool ValueBuilder::endArray()
{
    QJsonArray elements = std::move(m_frames.back().elements);
    m_frames.pop_back();
    return put(elements);
}

} // namespace pmdaemon

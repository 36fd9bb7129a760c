// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/stricttoml.h"

#include "core/config/valuebuilder.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Where the lines of a text begin.
class LineOffsets
{
public:
    explicit LineOffsets(QByteArrayView text)
        : m_text(text)
    {
        for (qsizetype at = 0; at >= 0; at = nextLine(at))
            m_begins.push_back(at);
    }

    /// Of the `column`th character, both counted from 0; the end of the text for what is behind it.
    qsizetype offset(qsizetype line, qsizetype column) const
    {
        if (line < 0 || line >= qsizetype(m_begins.size()))
            return m_text.size();
        qsizetype at = m_begins[std::size_t(line)];
        for (; column > 0 && at < m_text.size(); --column) {
            do
                ++at;
            while (at < m_text.size() && (uchar(m_text[at]) & 0xc0) == 0x80);
        }
        return at;
    }

private:
    qsizetype nextLine(qsizetype from) const
    {
        const qsizetype end = m_text.indexOf('\n', from);
        return end < 0 ? -1 : end + 1;
    }

    QByteArrayView m_text;
    std::vector<qsizetype> m_begins;
};

/// Reports what toml++ has read, in the order of its tables.
class Builder : public ValueBuilder
{
public:
    Builder(QByteArrayView text, const JsonRules &rules)
        : ValueBuilder(rules)
        , m_lines(text)
    {}

    bool add(const toml::node &node);

    qsizetype placeOf(const toml::source_position &position) const
    {
        return m_lines.offset(qsizetype(position.line) - 1, qsizetype(position.column) - 1);
    }
    qsizetype at() const { return m_at; }

private:
    qsizetype place(bool) const override { return m_at; }
    bool addMembers(const toml::table &table);
    bool addElements(const toml::array &array);
    bool addNumber(double number);

    const LineOffsets m_lines;
    qsizetype m_at = 0;
};

bool Builder::addNumber(double number)
{
    return std::isfinite(number) ? value(number)
                                 : refuse(u"the number is none that could be kept"_s);
}

bool Builder::addMembers(const toml::table &table)
{
    for (const auto &[name, member] : table) {
        m_at = placeOf(name.source().begin);
        if (!key(QString::fromUtf8(name.data(), qsizetype(name.length()))) || !add(member))
            return false;
    }
    return endObject();
}

bool Builder::addElements(const toml::array &array)
{
    return std::all_of(array.begin(), array.end(),
                       [this](const toml::node &element) { return add(element); }) &&
           endArray();
}

bool Builder::add(const toml::node &node)
{
    if (node.source().begin)
        m_at = placeOf(node.source().begin);
    return node.visit([this](const auto &read) {
        using Kind = std::remove_cvref_t<decltype(read)>;
        if constexpr (toml::is_table<Kind>)
            return begin(true) && addMembers(read);
        else if constexpr (toml::is_array<Kind>)
            return begin(false) && addElements(read);
        else if constexpr (toml::is_string<Kind>)
            return text(QString::fromStdString(*read));
        else if constexpr (toml::is_integer<Kind>)
            return value(qint64(*read));
        else if constexpr (toml::is_floating_point<Kind>)
            return addNumber(*read);
        else if constexpr (toml::is_boolean<Kind>)
            return value(bool(*read));
        else {
            std::ostringstream words;
            words << *read;
            return text(QString::fromStdString(words.str()));
        }
    });
}

} // namespace

tl::expected<ParsedJson, JsonProblem> parseStrictToml(QByteArrayView text, const JsonRules &rules)
{
    Builder builder(text, rules);
    try {
        const toml::table table =
            toml::parse(std::string_view(text.data(), std::size_t(text.size())));
        if (builder.add(table))
            return builder.take();
    } catch (const toml::parse_error &problem) {
        return tl::unexpected(JsonProblem{true,
                                          {},
                                          builder.placeOf(problem.source().begin),
                                          QString::fromUtf8(problem.description())});
    }
    const QString pointer = builder.pointer();
    return tl::unexpected(
        JsonProblem{false, pointer, builder.offsetOf(pointer, builder.at()), builder.message()});
}

} // namespace pmdaemon

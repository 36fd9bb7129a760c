// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/strictyaml.h"

#include "core/config/valuebuilder.h"

#include <QRegularExpression>

#include <cmath>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr auto mergeKey = "<<"_L1;

/// Ends the parser from within its events, which return nothing.
struct Refused
{};

/// A plain scalar by the core schema of YAML 1.2 (10.3.2); the text itself where no other matches.
QJsonValue plainScalar(const QString &text)
{
    static const QRegularExpression nothing(u"^(null|Null|NULL|~|)$"_s);
    static const QRegularExpression yes(u"^(true|True|TRUE)$"_s);
    static const QRegularExpression no(u"^(false|False|FALSE)$"_s);
    static const QRegularExpression whole(u"^[-+]?[0-9]+$"_s);
    static const QRegularExpression based(u"^0(o[0-7]+|x[0-9a-fA-F]+)$"_s);
    static const QRegularExpression real(
        u"^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$"_s);
    if (nothing.match(text).hasMatch())
        return QJsonValue::Null;
    if (yes.match(text).hasMatch())
        return true;
    if (no.match(text).hasMatch())
        return false;
    bool ok = false;
    if (whole.match(text).hasMatch()) {
        const qint64 number = text.toLongLong(&ok);
        if (ok)
            return number;
    }
    if (based.match(text).hasMatch()) {
        const qint64 number = QStringView(text).sliced(2).toLongLong(&ok, text[1] == u'x' ? 16 : 8);
        if (ok)
            return number;
    }
    if (real.match(text).hasMatch()) {
        const double number = text.toDouble(&ok);
        if (ok && std::isfinite(number))
            return number;
    }
    return text;
}

/// Receives yaml-cpp's events.
class Builder : public YAML::EventHandler, public ValueBuilder
{
public:
    using ValueBuilder::ValueBuilder;

    void OnDocumentStart(const YAML::Mark &) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        OnScalar(mark, "?", anchor, {});
    }
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &read) override;
    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        start(mark, tag, anchor, false);
    }
    void OnSequenceEnd() override
    {
        check(endArray());
        end();
    }
    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        start(mark, tag, anchor, true);
    }
    void OnMapEnd() override
    {
        check(endObject());
        end();
    }

    /// Of the event that came last.
    qsizetype at() const { return m_at; }
    bool hasMerges() const { return m_hasMerges; }

private:
    struct Level
    {
        bool isMap = false;
        bool awaitsKey = true;
        YAML::anchor_t anchor = YAML::NullAnchor;
        int valuesBefore = 0;
    };
    struct Anchored
    {
        QJsonValue value;
        int values = 0;
    };

    qsizetype place(bool) const override { return m_at; }
    void check(bool accepted)
    {
        if (!accepted)
            throw Refused();
    }
    bool isKeyNext() const
    {
        return !m_levels.empty() && m_levels.back().isMap && m_levels.back().awaitsKey;
    }
    void start(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, bool isMap);
    void end();
    void valueDone()
    {
        if (!m_levels.empty())
            m_levels.back().awaitsKey = true;
    }

    qsizetype m_at = 0;
    std::vector<Level> m_levels;
    QHash<YAML::anchor_t, Anchored> m_anchors;
    bool m_hasMerges = false;
};

void Builder::start(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    bool isMap)
{
    m_at = mark.pos;
    const std::string own = isMap ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq";
    if (isKeyNext())
        check(
            refuse(u"expected a text as key, got %1"_s.arg(isMap ? u"a mapping"_s : u"a list"_s)));
    if (!tag.empty() && tag != "?" && tag != "!" && tag != own)
        check(refuse(
            u"the tag %1 has no meaning here; leave it out"_s.arg(QString::fromStdString(tag))));
    m_levels.push_back({isMap, true, anchor, values()});
    check(begin(isMap));
}

void Builder::end()
{
    const Level level = m_levels.back();
    m_levels.pop_back();
    if (level.anchor != YAML::NullAnchor)
        m_anchors[level.anchor] = {last(), values() - level.valuesBefore};
    valueDone();
}

void Builder::OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor)
{
    m_at = mark.pos;
    if (isKeyNext())
        check(refuse(u"expected a text as key, got an alias"_s));
    const auto found = m_anchors.constFind(anchor);
    if (found == m_anchors.constEnd())
        check(refuse(u"the alias stands inside of what it names, without end"_s));
    check(copy(found->value, found->values));
    valueDone();
}

void Builder::OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                       const std::string &read)
{
    constexpr std::string_view schema = "tag:yaml.org,2002:";
    m_at = mark.pos;
    const QString string = QString::fromStdString(read);
    if (isKeyNext()) {
        m_levels.back().awaitsKey = false;
        m_hasMerges = m_hasMerges || string == mergeKey;
        return check(key(string));
    }
    const std::string_view kind = std::string_view(tag).starts_with(schema)
                                      ? std::string_view(tag).substr(schema.size())
                                      : tag;
    const bool isPlain =
        kind == "?" || kind == "int" || kind == "float" || kind == "bool" || kind == "null";
    if (!isPlain && !kind.empty() && kind != "!" && kind != "str")
        check(refuse(
            u"the tag %1 has no meaning here; leave it out"_s.arg(QString::fromStdString(tag))));
    const QJsonValue scalar = isPlain ? plainScalar(string) : string;
    check(scalar.isString() ? text(string) : value(scalar));
    if (anchor != YAML::NullAnchor)
        m_anchors[anchor] = {scalar, 1};
    valueDone();
}

/// The object with what its merge key names put behind its own members, as YAML's merge key draft
/// says; nothing when that is neither a mapping nor a list of them.
std::optional<QJsonObject> withMerged(QJsonObject object)
{
    const QJsonValue merge = object.take(mergeKey);
    const QJsonArray sources = merge.isArray() ? merge.toArray() : QJsonArray{merge};
    for (const QJsonValue source : sources) {
        if (!source.isObject())
            return std::nullopt;
        const QJsonObject members = source.toObject();
        for (auto it = members.begin(); it != members.end(); ++it) {
            if (!object.contains(it.key()))
                object.insert(it.key(), it.value());
        }
    }
    return object;
}

/// Resolves every merge key below `value`; else the pointer to one that cannot be.
tl::expected<QJsonValue, QString> resolveMerges(const QJsonValue &value, const QString &pointer)
{
    if (value.isArray()) {
        QJsonArray resolved;
        for (const QJsonValue element : value.toArray()) {
            auto done =
                resolveMerges(element, pointerTo(pointer, QString::number(resolved.size())));
            if (!done)
                return done;
            resolved.append(*done);
        }
        return resolved;
    }
    if (!value.isObject())
        return value;
    QJsonObject resolved = value.toObject();
    for (auto it = resolved.begin(); it != resolved.end(); ++it) {
        auto done = resolveMerges(it.value(), pointerTo(pointer, it.key()));
        if (!done)
            return done;
        it.value() = *done;
    }
    if (!resolved.contains(mergeKey))
        return resolved;
    const auto merged = withMerged(resolved);
    if (!merged)
        return tl::unexpected(pointerTo(pointer, QString(mergeKey)));
    return *merged;
}

tl::unexpected<JsonProblem> syntaxProblem(qsizetype offset, const QString &message)
{
    return tl::unexpected(JsonProblem{true, {}, offset, message});
}

} // namespace

tl::expected<ParsedJson, JsonProblem> parseStrictYaml(QByteArrayView text, const JsonRules &rules)
{
    if (!text.isValidUtf8())
        return syntaxProblem(0, u"the text is not UTF-8"_s);
    if (const qsizetype nul = text.indexOf('\0'); nul >= 0)
        return syntaxProblem(nul, u"the text holds a NUL byte"_s);
    Builder builder(rules);
    try {
        std::istringstream stream(std::string(text.data(), std::size_t(text.size())));
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        if (parser) {
            Builder second(rules);
            if (parser.HandleNextDocument(second))
                return syntaxProblem(builder.at(), u"a second document follows; keep one"_s);
        }
    } catch (const Refused &) {
        const QString pointer = builder.pointer();
        return tl::unexpected(JsonProblem{false, pointer, builder.offsetOf(pointer, builder.at()),
                                          builder.message()});
    } catch (const YAML::Exception &problem) {
        return syntaxProblem(problem.mark.pos, QString::fromStdString(problem.msg));
    }
    const bool hasMerges = builder.hasMerges();
    ParsedJson parsed = builder.take();
    if (!hasMerges)
        return parsed;
    const auto resolved = resolveMerges(parsed.root, {});
    if (!resolved)
        return tl::unexpected(JsonProblem{false, resolved.error(),
                                          parsed.offsets.value(resolved.error()),
                                          u"expected a mapping to merge, or a list of them"_s});
    parsed.root = *resolved;
    return parsed;
}

} // namespace pmdaemon

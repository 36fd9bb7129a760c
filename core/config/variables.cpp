// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/variables.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

tl::expected<QString, QString> withVariables(QStringView text, const VariableLookup &lookup)
{
    static const QRegularExpression reference(u"^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$"_s,
                                              QRegularExpression::DotMatchesEverythingOption);
    QString expanded;
    for (qsizetype at = 0;;) {
        const qsizetype dollar = text.indexOf(u'$', at);
        expanded += text.sliced(at, (dollar < 0 ? text.size() : dollar) - at);
        if (dollar < 0)
            return expanded;
        const QChar next = dollar + 1 < text.size() ? text[dollar + 1] : QChar();
        if (next != u'{') {
            expanded += u'$';
            at = dollar + (next == u'$' ? 2 : 1);
            continue;
        }
        const qsizetype end = text.indexOf(u'}', dollar);
        if (end < 0)
            return tl::unexpected(u"\"${\" has no \"}\"; write \"$${\" for the characters"_s);
        const auto match = reference.match(text.sliced(dollar + 2, end - dollar - 2));
        if (!match.hasMatch()) {
            return tl::unexpected(u"\"%1\" is no variable; expected \"${NAME}\" or "
                                  u"\"${NAME:-default}\", or \"$${\" for "
                                  u"the characters"_s.arg(text.sliced(dollar, end + 1 - dollar)));
        }
        const QString name = match.captured(1);
        const std::optional<QString> value = lookup(name);
        const bool hasDefault = match.capturedStart(2) >= 0;
        if (!value && !hasDefault)
            return tl::unexpected(
                u"the variable %1 is not set; set it, or write \"${%1:-default}\""_s.arg(name));
        expanded += value && !(hasDefault && value->isEmpty()) ? *value : match.captured(3);
        at = end + 1;
    }
}

QString withoutVariables(QString text)
{
    static const QRegularExpression meant(u"\\$(?=[{$])"_s);
    return text.replace(meant, u"$$"_s);
}

QJsonValue withoutVariables(const QJsonValue &value)
{
    if (value.isString())
        return withoutVariables(value.toString());
    if (value.isArray()) {
        QJsonArray array = value.toArray();
        std::transform(array.begin(), array.end(), array.begin(),
                       [](const QJsonValue &each) { return withoutVariables(each); });
        return array;
    }
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            it.value() = withoutVariables(QJsonValue(it.value()));
        return object;
    }
    return value;
}

} // namespace pmdaemon

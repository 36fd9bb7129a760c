// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystemschema.h"

#include "core/config/specfields.h"

#include <QCoreApplication>
#include <QJsonArray>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

/// A variable may stand for what is no text.
QJsonObject orVariable(const QJsonObject &schema)
{
    const QJsonObject variable{{u"type"_s, u"string"_s}, {u"pattern"_s, u"\\$\\{.+\\}"_s}};
    return {{u"anyOf"_s, QJsonArray{schema, variable}}};
}

template <typename Spec>
QJsonObject propertiesOf(std::span<const ConfigField<Spec>> fields)
{
    QJsonObject properties;
    for (const ConfigField<Spec> &field : fields) {
        QJsonObject schema = orVariable(field.schema);
        schema.insert("description"_L1,
                      QCoreApplication::translate("SpecField", field.description));
        properties.insert(field.key, schema);
    }
    return properties;
}

QJsonObject appSchema()
{
    return {{u"type"_s, u"object"_s},
            {u"properties"_s, propertiesOf(specFields())},
            {u"additionalProperties"_s, false},
            {u"patternProperties"_s,
             QJsonObject{{u"^env_"_s, QJsonObject{{u"$ref"_s, u"#/$defs/env"_s}}}}}};
}

} // namespace

QJsonObject ecosystemSchema()
{
    QJsonObject app = appSchema();
    const QJsonObject defaults = app;
    app.insert("required"_L1, QJsonArray{u"script"_s});
    const QJsonObject path{{u"type"_s, u"string"_s}};
    const QJsonObject paths{{u"type"_s, u"array"_s}, {u"items"_s, path}};
    return {{u"$schema"_s, u"https://json-schema.org/draft/2020-12/schema"_s},
            {u"title"_s, u"PMDaemon ecosystem file"_s},
            {u"type"_s, u"object"_s},
            {u"$defs"_s, QJsonObject{{u"app"_s, app}, {u"env"_s, specField(u"env")->schema}}},
            {u"properties"_s,
             QJsonObject{
                 {u"$schema"_s, path},
                 {u"apps"_s, QJsonObject{{u"type"_s, u"array"_s},
                                         {u"items"_s, QJsonObject{{u"$ref"_s, u"#/$defs/app"_s}}}}},
                 {u"defaults"_s, defaults},
                 {u"include"_s, QJsonObject{{u"anyOf"_s, QJsonArray{path, paths}}}}}}};
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystem.h"

#include "core/config/configfield.h"
#include "core/config/specvalues.h"
#include "core/config/strictjson.h"
#include "core/config/stricttoml.h"
#include "core/config/strictyaml.h"
#include "core/model/processentry.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 MaxFile = 10 * 1024 * 1024;
constexpr qsizetype MaxProblems = 100;
constexpr std::array topLevelKeys{"apps"_L1, "defaults"_L1, "$schema"_L1};
// What is relative in these starts at the file's folder.
constexpr std::array pathKeys{"cwd"_L1, "out_file"_L1, "error_file"_L1};

struct Format
{
    QLatin1StringView suffix;
    QLatin1StringView name;
    tl::expected<ParsedJson, JsonProblem> (*parse)(QByteArrayView, const JsonRules &);
};

// What has no other suffix is read as JSON.
constexpr std::array formats = {
    Format{"json"_L1, "JSON"_L1, parseStrictJson},
    Format{"yaml"_L1, "YAML"_L1, parseStrictYaml},
    Format{"yml"_L1, "YAML"_L1, parseStrictYaml},
    Format{"toml"_L1, "TOML"_L1, parseStrictToml},
};

const Format &formatOf(const QString &path)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    const auto *const found =
        std::find_if(formats.begin(), formats.end(),
                     [&](const Format &format) { return format.suffix == suffix; });
    return found == formats.end() ? formats.front() : *found;
}

/// One file while it is read: its text, where everything stands in it, what is wrong with it.
class EcosystemReader
{
public:
    EcosystemReader(const QString &path, const QByteArray &text)
        : m_path(path)
        , m_format(formatOf(path))
        , m_folder(QFileInfo(path).absoluteDir())
        , m_text(text)
    {}

    Result<QList<ProcessSpec>> read();

private:
    struct Problem
    {
        TextPosition at;
        QString key;
        QString message;

        bool operator==(const Problem &) const = default;
    };

    void note(QString pointer, const QString &key, const QString &message);
    void noteAt(qsizetype offset, const QString &key, const QString &message);
    void readTop(const QJsonValue &root);
    void readApp(const QJsonValue &value, const QJsonObject &defaults, qsizetype index);
    void checkNames(const ProcessSpec &spec, qsizetype index);
    QJsonObject withAbsolutePaths(QJsonObject app) const;
    Error error() const;

    QString m_path;
    const Format &m_format;
    QDir m_folder;
    QByteArray m_text;
    QHash<QString, qsizetype> m_offsets;
    QList<ProcessSpec> m_apps;
    QHash<QString, QString> m_names; ///< each name that a process will have → its app
    QList<Problem> m_problems;
    qsizetype m_unshown = 0;
};

void EcosystemReader::noteAt(qsizetype offset, const QString &key, const QString &message)
{
    if (m_problems.size() == MaxProblems) {
        ++m_unshown;
        return;
    }
    // One in `defaults` would otherwise come once per app.
    const Problem problem{positionAt(m_text, offset), key, message};
    if (!m_problems.contains(problem))
        m_problems.append(problem);
}

/// At the value, or at the nearest one around it that stands in the file.
void EcosystemReader::note(QString pointer, const QString &key, const QString &message)
{
    while (!pointer.isEmpty() && !m_offsets.contains(pointer))
        pointer.truncate(pointer.lastIndexOf(u'/'));
    noteAt(m_offsets.value(pointer, 0), key, message);
}

Result<QList<ProcessSpec>> EcosystemReader::read()
{
    const JsonRules rules{64, 10'000, 1'000'000, true, true};
    auto parsed = m_format.parse(m_text, rules);
    if (parsed) {
        m_offsets = std::move(parsed->offsets);
        readTop(parsed->root);
    } else {
        const JsonProblem &problem = parsed.error();
        const QString key = problem.pointer.section(u'/', -1);
        noteAt(problem.offset, problem.syntax || key.isEmpty() ? QString(m_format.name) : key,
               problem.message);
    }
    if (m_problems.isEmpty())
        return m_apps;
    std::ranges::stable_sort(m_problems, {},
                             [](const Problem &problem) { return problem.at.line; });
    return tl::unexpected(error());
}

void EcosystemReader::readTop(const QJsonValue &root)
{
    const QJsonObject top = root.toObject();
    const QJsonArray apps = top.value("apps"_L1).toArray();
    const bool isSingleApp = top.contains("script"_L1) && !top.contains("apps"_L1);
    if (isSingleApp || apps.isEmpty()) {
        return note(u"/apps"_s, u"apps"_s,
                    isSingleApp
                        ? u"missing; put the app into a list: {\"apps\": [{\"script\": …}]}"_s
                        : u"expected a list of one app at least: {\"apps\": [{\"script\": …}]}"_s);
    }
    const QStringList keys = top.keys();
    for (const QString &key : keys) {
        if (std::find(topLevelKeys.begin(), topLevelKeys.end(), key) == topLevelKeys.end()) {
            const SpecProblem problem = unknownKey(key, topLevelKeys);
            note(problem.pointer, problem.key, problem.message);
        }
    }
    const QJsonValue defaults = top.value("defaults"_L1);
    if (!defaults.isObject() && !defaults.isNull() && !defaults.isUndefined())
        note(u"/defaults"_s, u"defaults"_s, u"expected an object with the keys of an app"_s);
    if (defaults.toObject().contains("name"_L1))
        note(u"/defaults/name"_s, u"name"_s, u"each app needs its own; it cannot be a default"_s);
    // The only default that no app replaces as a whole.
    const QJsonValue environment = defaults.toObject().value("env"_L1);
    if (!environment.isUndefined() && !environment.isNull() && !environment.isObject())
        note(u"/defaults/env"_s, u"env"_s, notAccepted(environment, EnvironmentValue::accepted));
    for (qsizetype i = 0; i < apps.size(); ++i)
        readApp(apps[i], defaults.toObject(), i);
}

void EcosystemReader::readApp(const QJsonValue &value, const QJsonObject &defaults, qsizetype index)
{
    const QString pointer = u"/apps/%1"_s.arg(index);
    if (!value.isObject())
        return note(pointer, u"apps[%1]"_s.arg(index), u"expected an object with a \"script\""_s);
    const QJsonObject own = value.toObject();
    QJsonObject app = defaults;
    for (auto it = own.begin(); it != own.end(); ++it)
        app.insert(it.key(), it.value());
    if (own.value("env"_L1).isObject()) {
        QJsonObject environment = defaults.value("env"_L1).toObject();
        const QJsonObject ownEnvironment = own.value("env"_L1).toObject();
        for (auto it = ownEnvironment.begin(); it != ownEnvironment.end(); ++it)
            environment.insert(it.key(), it.value());
        app.insert("env"_L1, environment);
    }

    auto spec = specFromJson(withAbsolutePaths(app));
    if (!spec) {
        for (const SpecProblem &problem : spec.error()) {
            const QString key = problem.pointer.section(u'/', 1, 1);
            const bool inherited = !own.contains(key) && defaults.contains(key);
            note((inherited ? u"/defaults"_s : pointer) + problem.pointer, problem.key,
                 problem.message);
        }
        return;
    }
    spec->configFile = QDir::cleanPath(QFileInfo(m_path).absoluteFilePath());
    checkNames(*spec, index);
    m_apps.append(std::move(*spec));
}

/// No process may have the name of another one or of another app.
void EcosystemReader::checkNames(const ProcessSpec &spec, qsizetype index)
{
    QStringList names{spec.name};
    for (int i = 0; i < spec.instances && spec.instances > 1; ++i)
        names.append(instanceName(spec.name, i, spec.instances));
    for (const QString &name : std::as_const(names)) {
        const QString other = m_names.value(name);
        if (!other.isEmpty()) {
            return note(u"/apps/%1/name"_s.arg(index), u"name"_s,
                        u"\"%1\" is taken by the app \"%2\" of this file; choose another one"_s.arg(
                            name, other));
        }
    }
    for (const QString &name : std::as_const(names))
        m_names.insert(name, spec.name);
}

QJsonObject EcosystemReader::withAbsolutePaths(QJsonObject app) const
{
    if (app.value("cwd"_L1).isNull() || !app.contains("cwd"_L1))
        app.insert("cwd"_L1, m_folder.absolutePath());
    for (const QLatin1StringView key : pathKeys) {
        const QString path = app.value(key).toString();
        if (!path.isEmpty())
            app.insert(key, QDir::cleanPath(m_folder.absoluteFilePath(path)));
    }
    // A program on PATH and a command line are no files here and stay as they are.
    const QString script = app.value("script"_L1).toString();
    if (!script.isEmpty() && QFileInfo(m_folder, script).isFile())
        app.insert("script"_L1, QDir::cleanPath(m_folder.absoluteFilePath(script)));
    return app;
}

Error EcosystemReader::error() const
{
    QStringList lines;
    QJsonArray list;
    for (const Problem &problem : m_problems) {
        lines.append(u"%1:%2: %3: %4"_s.arg(m_path, QString::number(problem.at.line), problem.key,
                                            problem.message));
        list.append(QJsonObject{{u"file"_s, m_path},
                                {u"line"_s, problem.at.line},
                                {u"column"_s, problem.at.column},
                                {u"key"_s, problem.key},
                                {u"message"_s, problem.message}});
    }
    if (m_unshown > 0)
        lines.append(u"%1: and %2 more"_s.arg(m_path).arg(m_unshown));
    return {ErrorCode::InvalidConfig, lines.join(u'\n'), {{u"problems"_s, list}}};
}

} // namespace

Result<QList<ProcessSpec>> loadEcosystem(const QString &path)
{
    const QFileInfo info(path);
    if (!info.exists())
        return fail(ErrorCode::NotFound, u"%1: there is no such file"_s.arg(path));
    // Also keeps pipes and devices out, which never end.
    if (!info.isFile())
        return fail(ErrorCode::InvalidConfig, u"%1: expected a file"_s.arg(path));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::InvalidConfig,
                    u"%1: cannot be read: %2"_s.arg(path, file.errorString()));
    }
    const QByteArray text = file.read(MaxFile + 1);
    if (text.size() > MaxFile)
        return fail(ErrorCode::InvalidConfig, u"%1: larger than 10 MiB"_s.arg(path));
    return EcosystemReader(path, text).read();
}

} // namespace pmdaemon

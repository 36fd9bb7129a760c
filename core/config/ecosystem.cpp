// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystem.h"

#include "core/config/configfield.h"
#include "core/config/dependencies.h"
#include "core/config/dotenv.h"
#include "core/config/ecosystemfile.h"
#include "core/config/pm2keys.h"
#include "core/config/specvalues.h"
#include "core/config/variables.h"
#include "core/model/processentry.h"

#include <QDir>
#include <QFileInfo>
#include <QProcessEnvironment>
#include <QThreadPool>

#include <algorithm>
#include <array>
#include <csignal>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype MaxProblems = 100;
constexpr qsizetype MaxFiles = 100;
constexpr std::array topLevelKeys{"apps"_L1, "defaults"_L1, "include"_L1, "$schema"_L1};
constexpr auto environmentPrefix = "env_"_L1;

/// An object that holds those of `over` in the place of its own.
QJsonObject withMembers(QJsonObject object, const QJsonObject &over)
{
    for (auto it = over.begin(); it != over.end(); ++it)
        object.insert(it.key(), it.value());
    return object;
}

QStringList textsIn(const QJsonValue &value)
{
    QStringList texts;
    for (const QJsonValue text : value.isArray() ? value.toArray() : QJsonArray{value}) {
        if (text.isString() && !text.toString().isEmpty())
            texts.append(text.toString());
    }
    return texts;
}

bool isNamedEnvironment(const QString &key)
{
    return key.startsWith(environmentPrefix) && !specField(key);
}

/// All that is read for one file: its apps, and what is wrong in it and in those it includes.
class EcosystemReader
{
public:
    explicit EcosystemReader(const EcosystemOptions &options)
        : m_options(options)
    {}

    Result<Ecosystem> read(const QString &path);

private:
    struct Problem
    {
        QString file;
        TextPosition at;
        QString key;
        QString message;

        bool operator==(const Problem &) const = default;
    };
    struct NamedApp
    {
        QString file;
        QString app;
    };
    /// One app while it is read: what the file says of it, and what becomes of that.
    struct App
    {
        QString pointer;
        QJsonObject own;
        QJsonObject defaults;
        QJsonObject values;
        bool isBroken = false;
    };

    void note(QString pointer, const QString &key, const QString &message);
    void noteOfApp(App &app, const SpecProblem &problem);
    void notice(QString pointer, const QString &message);
    TextPosition positionOf(QString pointer) const;

    void readFile(EcosystemFile file);
    void readTop();
    void readDefaults(const QJsonValue &defaults);
    void readIncludes(const QJsonValue &include);
    void readApp(const QJsonValue &value, const QJsonObject &defaults, const QString &pointer);
    void expandVariables(App &app);
    QJsonValue expanded(App &app, const QJsonValue &value, const QString &pointer,
                        const VariableLookup &lookup);
    void chooseEnvironment(App &app);
    void leaveOutForeignKeys(App &app);
    bool leaveOutUnknown(App &app, const QList<SpecProblem> &problems);
    void makePathsAbsolute(QJsonObject &app) const;
    void checkNames(const ProcessSpec &spec, const QString &pointer);
    void checkDependencies();
    Error error() const;

    const EcosystemOptions &m_options;
    const QProcessEnvironment m_environment = QProcessEnvironment::systemEnvironment();
    EcosystemFile m_file; ///< that is being read
    QDir m_folder;
    QStringList m_files; ///< all that were begun
    Ecosystem m_read;
    QHash<QString, NamedApp> m_names; ///< each name that a process will have → its app
    QStringList m_ignored;            ///< keys that were told of
    bool m_hasChosenEnvironment = false;
    QList<Problem> m_problems;
    qsizetype m_unshown = 0;
};

/// Of the value, or of the nearest one around it that stands in the file.
TextPosition EcosystemReader::positionOf(QString pointer) const
{
    if (m_file.isProgram)
        return {0, 0};
    while (!pointer.isEmpty() && !m_file.parsed.offsets.contains(pointer))
        pointer.truncate(pointer.lastIndexOf(u'/'));
    return positionAt(m_file.text, m_file.parsed.offsets.value(pointer, 0));
}

void EcosystemReader::note(QString pointer, const QString &key, const QString &message)
{
    if (m_problems.size() == MaxProblems) {
        ++m_unshown;
        return;
    }
    // One in `defaults` would otherwise come once per app.
    const Problem problem{m_file.path, positionOf(std::move(pointer)), key, message};
    if (!m_problems.contains(problem))
        m_problems.append(problem);
}

void EcosystemReader::noteOfApp(App &app, const SpecProblem &problem)
{
    app.isBroken = true;
    const QString key = problem.pointer.section(u'/', 1, 1);
    const bool inherited = !app.own.contains(key) && app.defaults.contains(key);
    note((inherited ? u"/defaults"_s : app.pointer) + problem.pointer, problem.key,
         problem.message);
}

void EcosystemReader::notice(QString pointer, const QString &message)
{
    const int line = positionOf(std::move(pointer)).line;
    m_read.notices.append(line > 0 ? u"%1:%2: %3"_s.arg(m_file.path, QString::number(line), message)
                                   : m_file.path + u": "_s + message);
}

Result<Ecosystem> EcosystemReader::read(const QString &path)
{
    Result<EcosystemFile> file = readEcosystemFile(path);
    if (!file)
        return tl::unexpected(file.error());
    readFile(*std::move(file));
    if (m_problems.isEmpty())
        checkDependencies();
    if (!m_problems.isEmpty()) {
        std::ranges::stable_sort(m_problems, {}, [this](const Problem &problem) {
            return std::pair(m_files.indexOf(problem.file), problem.at.line);
        });
        return tl::unexpected(error());
    }
    if (!m_options.environment.isEmpty() && !m_hasChosenEnvironment)
        m_read.notices.append(
            u"%1: no app has %2%3"_s.arg(m_file.path, environmentPrefix, m_options.environment));
    m_read.apps = inStartOrder(m_read.apps);
    m_read.files = m_files;
    return m_read;
}

void EcosystemReader::checkDependencies()
{
    DependencyGraph graph;
    for (const ProcessSpec &app : m_read.apps)
        graph.insert(app.name, app.dependsOn.keys());
    const QStringList cycle = dependencyCycle(graph);
    if (cycle.isEmpty())
        return;
    const auto found = std::find_if(m_read.apps.begin(), m_read.apps.end(),
                                    [&](const ProcessSpec &app) { return app.name == cycle[0]; });
    const QString pointer = u"/apps/%1/depends_on"_s.arg(found - m_read.apps.begin());
    note(found->configFile == m_file.path ? pointer : QString(), u"depends_on"_s,
         u"goes round in a circle, %1; leave one of them out"_s.arg(cycle.join(u" → "_s)));
}

void EcosystemReader::readFile(EcosystemFile file)
{
    const EcosystemFile includer = std::exchange(m_file, std::move(file));
    m_folder = QFileInfo(m_file.path).absoluteDir();
    m_files.append(m_file.path);
    if (const auto problem = m_file.problem) {
        m_file.parsed.offsets.insert(u"/"_s, problem->offset);
        note(u"/"_s, problem->key, problem->message);
    } else {
        readTop();
    }
    if (!includer.path.isEmpty()) {
        m_file = includer;
        m_folder = QFileInfo(m_file.path).absoluteDir();
    }
}

namespace {

/// PM2's other names for it become ours.
QJsonObject withScript(QJsonObject app)
{
    for (const QLatin1StringView key : {"cmd"_L1, "exec"_L1}) {
        if (app.contains(key) && !app.contains("script"_L1))
            app.insert("script"_L1, app.take(key));
    }
    return app;
}

} // namespace

void EcosystemReader::readTop()
{
    const QJsonValue root = m_file.parsed.root;
    QJsonObject top = root.toObject();
    // As PM2 has it, a list of apps and a single one will do, and its own name for them.
    if (!top.contains("apps"_L1) && top.contains("pm2"_L1))
        top.insert("apps"_L1, top.take("pm2"_L1));
    if (const QJsonValue app = top.value("apps"_L1); app.isObject())
        top.insert("apps"_L1, QJsonArray{app});
    const bool isApp = !top.contains("apps"_L1) && withScript(top).contains("script"_L1);
    const QJsonArray apps = root.isArray() ? root.toArray()
                            : isApp        ? QJsonArray{top}
                                           : top.value("apps"_L1).toArray();
    const QString pointer = root.isArray() ? QString() : u"/apps"_s;
    if (isApp)
        return readApp(top, {}, {});
    const QStringList keys = top.keys();
    for (const QString &key : keys) {
        if (key.startsWith("x-"_L1))
            continue; // a place for what YAML's aliases name
        if (key == "deploy"_L1)
            notice(pointerTo({}, key), u"deploy is PM2's and is ignored"_s);
        else if (std::find(topLevelKeys.begin(), topLevelKeys.end(), key) == topLevelKeys.end()) {
            const SpecProblem problem = unknownKey(key, topLevelKeys);
            note(problem.pointer, problem.key, problem.message);
        }
    }
    readDefaults(top.value("defaults"_L1));
    const qsizetype before = m_read.apps.size();
    readIncludes(top.value("include"_L1));
    if (apps.isEmpty() && (top.contains("apps"_L1) || m_read.apps.size() == before)) {
        return note(u"/apps"_s, u"apps"_s,
                    u"expected a list of one app at least: {\"apps\": [{\"script\": …}]}"_s);
    }
    for (qsizetype i = 0; i < apps.size(); ++i)
        readApp(apps[i], top.value("defaults"_L1).toObject(), u"%1/%2"_s.arg(pointer).arg(i));
}

void EcosystemReader::readDefaults(const QJsonValue &defaults)
{
    if (!defaults.isObject() && !defaults.isNull() && !defaults.isUndefined())
        note(u"/defaults"_s, u"defaults"_s, u"expected an object with the keys of an app"_s);
    if (defaults.toObject().contains("name"_L1))
        note(u"/defaults/name"_s, u"name"_s, u"each app needs its own; it cannot be a default"_s);
    // The only default that no app replaces as a whole.
    const QJsonValue environment = defaults.toObject().value("env"_L1);
    if (!environment.isUndefined() && !environment.isNull() && !environment.isObject())
        note(u"/defaults/env"_s, u"env"_s, notAccepted(environment, EnvironmentValue::accepted));
}

void EcosystemReader::readIncludes(const QJsonValue &include)
{
    const bool isText =
        include.isString() || include.isArray() || include.isNull() || include.isUndefined();
    const QStringList paths = textsIn(include);
    if (!isText || (include.isArray() && paths.size() != include.toArray().size()))
        return note(u"/include"_s, u"include"_s,
                    notAccepted(include, "a path, or a list of them"_L1));
    for (const QString &path : paths) {
        const QString absolute = QDir::cleanPath(m_folder.absoluteFilePath(path));
        if (m_files.contains(absolute)) {
            note(u"/include"_s, u"include"_s,
                 u"%1 is read already; include each file once"_s.arg(path));
        } else if (m_files.size() == MaxFiles) {
            return note(u"/include"_s, u"include"_s, u"more than %1 files"_s.arg(MaxFiles));
        } else if (Result<EcosystemFile> file = readEcosystemFile(absolute); file) {
            readFile(*std::move(file));
        } else {
            note(u"/include"_s, u"include"_s, file.error().message);
        }
    }
}

void EcosystemReader::readApp(const QJsonValue &value, const QJsonObject &defaults,
                              const QString &pointer)
{
    if (!value.isObject())
        return note(pointer, u"apps[%1]"_s.arg(pointer.section(u'/', -1)),
                    u"expected an object with a \"script\""_s);
    App app{pointer, withScript(value.toObject()), defaults, {}};
    app.values = withMembers(defaults, app.own);
    if (app.own.value("env"_L1).isObject())
        app.values.insert("env"_L1, withMembers(defaults.value("env"_L1).toObject(),
                                                app.own.value("env"_L1).toObject()));
    expandVariables(app);
    chooseEnvironment(app);
    leaveOutForeignKeys(app);
    makePathsAbsolute(app.values);
    auto spec = specFromJson(app.values);
    if (!spec && leaveOutUnknown(app, spec.error()))
        spec = specFromJson(app.values);
    if (!spec) {
        for (const SpecProblem &problem : spec.error())
            noteOfApp(app, problem);
    }
    if (app.isBroken)
        return;
    if (m_file.isProgram && !app.values.contains("kill_signal"_L1))
        spec->killSignal = SIGINT; // PM2's, which JavaScript files are written for
    if (!m_file.isStandardInput)   // it cannot be read again
        spec->configFile = m_file.path;
    spec->configEnvironment = m_options.environment;
    checkNames(*spec, pointer);
    m_read.apps.append(*std::move(spec));
}

/// JavaScript has variables of its own.
void EcosystemReader::expandVariables(App &app)
{
    if (m_file.isProgram)
        return;
    QMap<QString, QString> fromFiles;
    const VariableLookup lookup = [&](const QString &name) -> std::optional<QString> {
        if (m_environment.contains(name))
            return m_environment.value(name);
        const auto found = fromFiles.constFind(name);
        return found == fromFiles.cend() ? std::nullopt : std::optional(*found);
    };
    const QJsonValue files = expanded(app, app.values.value("env_file"_L1), u"/env_file"_s, lookup);
    QStringList paths = textsIn(files);
    for (QString &path : paths)
        path = m_folder.absoluteFilePath(path);
    if (Result<QMap<QString, QString>> read = readDotenv(paths); read)
        fromFiles = *std::move(read);
    else
        noteOfApp(app, {u"/env_file"_s, u"env_file"_s, read.error().message});
    for (auto it = app.values.begin(); it != app.values.end(); ++it)
        it.value() = expanded(app, it.value(), pointerTo({}, it.key()), lookup);
}

/// A value that is one variable as a whole becomes a number, true or false where its field takes no
/// text.
QJsonValue typed(const QString &key, const QString &text)
{
    const SpecField *field = specField(key);
    ProcessSpec scratch;
    if (!field || !field->read(text, scratch))
        return text;
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    const QJsonValue value = isNumber             ? QJsonValue(number)
                             : text == "true"_L1  ? QJsonValue(true)
                             : text == "false"_L1 ? QJsonValue(false)
                                                  : QJsonValue(text);
    return field->read(value, scratch) ? QJsonValue(text) : value;
}

QJsonValue EcosystemReader::expanded(App &app, const QJsonValue &value, const QString &pointer,
                                     const VariableLookup &lookup)
{
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            it.value() = expanded(app, it.value(), pointerTo(pointer, it.key()), lookup);
        return object;
    }
    if (value.isArray()) {
        QJsonArray array = value.toArray();
        for (qsizetype i = 0; i < array.size(); ++i)
            array[i] = expanded(app, array[i], pointerTo(pointer, QString::number(i)), lookup);
        return array;
    }
    const QString text = value.toString();
    if (!text.contains(u'$'))
        return value;
    const auto result = withVariables(text, lookup);
    if (!result) {
        noteOfApp(app, {pointer, pointer.sliced(1).replace(u'/', u'.'), result.error()});
        return value;
    }
    const bool isMember = pointer.count(u'/') == 1;
    return isMember && text.startsWith("${"_L1) && text.indexOf(u'}') == text.size() - 1
               ? typed(pointer.sliced(1), *result)
               : QJsonValue(*result);
}

/// Takes `env_NAME` of all names out, and puts the chosen one over `env`.
void EcosystemReader::chooseEnvironment(App &app)
{
    const QStringList keys = app.values.keys();
    for (const QString &key : keys) {
        if (!isNamedEnvironment(key))
            continue;
        const QJsonValue value = app.values.take(key);
        if (!EnvironmentValue::parse(value)) {
            noteOfApp(app,
                      {pointerTo({}, key), key, notAccepted(value, EnvironmentValue::accepted)});
        } else if (key.sliced(environmentPrefix.size()) == m_options.environment) {
            m_hasChosenEnvironment = true;
            app.values.insert("env"_L1,
                              withMembers(app.values.value("env"_L1).toObject(), value.toObject()));
        }
    }
}

void EcosystemReader::leaveOutForeignKeys(App &app)
{
    const QStringList keys = app.values.keys();
    for (const QString &key : keys) {
        if (specField(key) || !isForPm2Alone(key))
            continue;
        app.values.remove(key);
        if (m_ignored.contains(key))
            continue;
        m_ignored.append(key);
        notice(pointerTo(app.pointer, key), u"%1 has no meaning here and is ignored"_s.arg(key));
    }
}

/// Whether unknown keys are all that is wrong and may be.
bool EcosystemReader::leaveOutUnknown(App &app, const QList<SpecProblem> &problems)
{
    if (!m_options.lenient || !std::all_of(problems.begin(), problems.end(),
                                           [](const SpecProblem &p) { return p.isUnknownKey; }))
        return false;
    for (const SpecProblem &problem : problems) {
        const QString key = problem.pointer.section(u'/', 1, 1);
        notice(app.pointer + problem.pointer, problem.key + u": "_s + problem.message);
        if (problem.pointer.count(u'/') == 1) {
            app.values.remove(key);
            continue;
        }
        QJsonObject inner = app.values.value(key).toObject();
        inner.remove(problem.pointer.section(u'/', 2));
        app.values.insert(key, inner);
    }
    return true;
}

/// No process may have the name of another one or of another app.
void EcosystemReader::checkNames(const ProcessSpec &spec, const QString &pointer)
{
    QStringList names{spec.name};
    for (int i = 0; i < spec.instances && spec.instances > 1; ++i)
        names.append(instanceName(spec.name, i, spec.instances));
    for (const QString &name : std::as_const(names)) {
        const auto other = m_names.constFind(name);
        if (other == m_names.cend())
            continue;
        const QString where = other->file == m_file.path ? u"this file"_s : other->file;
        return note(pointer + u"/name"_s, u"name"_s,
                    u"\"%1\" is taken by the app \"%2\" of %3; choose another one"_s.arg(
                        name, other->app, where));
    }
    for (const QString &name : std::as_const(names))
        m_names.insert(name, {m_file.path, spec.name});
}

void EcosystemReader::makePathsAbsolute(QJsonObject &app) const
{
    const auto absolute = [this](const QJsonValue &value) -> QJsonValue {
        const QString path = value.toString();
        return path.isEmpty() ? value : QDir::cleanPath(m_folder.absoluteFilePath(path));
    };
    if (app.value("cwd"_L1).isNull() || !app.contains("cwd"_L1))
        app.insert("cwd"_L1, m_folder.absolutePath());
    for (const SpecField &field : specFields()) {
        const QJsonValue value = field.holdsPaths ? app.value(field.key) : QJsonValue();
        if (value.isString()) {
            app.insert(field.key, absolute(value));
        } else if (value.isArray()) {
            QJsonArray paths = value.toArray();
            std::transform(paths.begin(), paths.end(), paths.begin(), absolute);
            app.insert(field.key, paths);
        }
    }
    // A program on PATH and a command line are no files here and stay as they are.
    const QString script = app.value("script"_L1).toString();
    if (!script.isEmpty() && QFileInfo(m_folder, script).isFile())
        app.insert("script"_L1, absolute(script));
}

Error EcosystemReader::error() const
{
    QStringList lines;
    QJsonArray list;
    for (const Problem &problem : m_problems) {
        const QString place =
            problem.at.line > 0 ? u"%1:%2"_s.arg(problem.file).arg(problem.at.line) : problem.file;
        lines.append(u"%1: %2: %3"_s.arg(place, problem.key, problem.message));
        list.append(QJsonObject{{u"file"_s, problem.file},
                                {u"line"_s, problem.at.line},
                                {u"column"_s, problem.at.column},
                                {u"key"_s, problem.key},
                                {u"message"_s, problem.message}});
    }
    if (m_unshown > 0)
        lines.append(u"%1: and %2 more"_s.arg(m_file.path).arg(m_unshown));
    return {ErrorCode::InvalidConfig, lines.join(u'\n'), {{u"problems"_s, list}}};
}

} // namespace

bool isEcosystemFile(const QString &path)
{
    constexpr std::array endings = {".json"_L1,      ".yaml"_L1,       ".yml"_L1,       ".toml"_L1,
                                    ".config.js"_L1, ".config.cjs"_L1, ".config.mjs"_L1};
    return path == StandardInput ||
           std::any_of(endings.begin(), endings.end(), [&](QLatin1StringView ending) {
               return path.endsWith(ending, Qt::CaseInsensitive);
           });
}

Result<Ecosystem> loadEcosystem(const QString &path, const EcosystemOptions &options)
{
    return EcosystemReader(options).read(path);
}

Reply<Ecosystem> loadEcosystemLater(const QString &path, const EcosystemOptions &options)
{
    const auto promise = std::make_shared<QPromise<Result<Ecosystem>>>();
    promise->start();
    QThreadPool::globalInstance()->start([promise, path, options] {
        promise->addResult(loadEcosystem(path, options));
        promise->finish();
    });
    return promise->future();
}

} // namespace pmdaemon

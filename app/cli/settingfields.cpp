// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/settingfields.h"

#include "app/cli/clitext.h"
#include "app/cli/units.h"

#include <QDir>
#include <QFile>
#include <QHostAddress>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <sstream>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

template <auto Member>
bool readBool(const QStringList &texts, Settings &settings)
{
    const QString text = texts.size() == 1 ? texts.constFirst().toLower() : QString();
    const bool isTrue = text == "true"_L1 || text == "on"_L1 || text == "yes"_L1 || text == "1"_L1;
    const bool isFalse =
        text == "false"_L1 || text == "off"_L1 || text == "no"_L1 || text == "0"_L1;
    if (isTrue || isFalse)
        settings.*Member = isTrue;
    return isTrue || isFalse;
}

template <auto Member, qint64 Least, qint64 Most>
bool readNumber(const QStringList &texts, Settings &settings)
{
    bool ok = false;
    const qint64 number = texts.size() == 1 ? texts.constFirst().toLongLong(&ok) : 0;
    if (!ok || number < Least || number > Most)
        return false;
    settings.*Member = static_cast<std::remove_reference_t<decltype(settings.*Member)>>(number);
    return true;
}

template <auto Member>
bool readList(const QStringList &texts, Settings &settings)
{
    if (texts.contains(QString()))
        return false;
    settings.*Member = texts;
    return true;
}

bool readHosts(const QStringList &texts, Settings &settings)
{
    const bool areAddresses = std::all_of(texts.cbegin(), texts.cend(), [](const QString &text) {
        return !QHostAddress(text).isNull();
    });
    if (texts.isEmpty() || !areAddresses)
        return false;
    settings.hosts = withLoopback(texts);
    return true;
}

bool readInterval(const QStringList &texts, Settings &settings)
{
    const auto interval =
        texts.size() == 1 ? durationFromString(texts.constFirst(), milliseconds{1}) : std::nullopt;
    if (!interval || *interval < milliseconds{100} || *interval > milliseconds{3'600'000})
        return false;
    settings.metricsInterval = *interval;
    return true;
}

template <auto Member>
bool readPath(const QStringList &texts, Settings &settings)
{
    if (texts.size() != 1 || texts.constFirst().isEmpty())
        return false;
    settings.*Member = QDir::current().absoluteFilePath(texts.constFirst());
    return true;
}

constexpr auto onOff = "true or false"_L1;

constexpr std::array fields = {
    SettingField{"host"_L1, "an address; may be given several times"_L1,
                 QT_TRANSLATE_NOOP("Cli", "where to listen"), true, readHosts},
    SettingField{"port"_L1, "0 (any free one) to 65535"_L1,
                 QT_TRANSLATE_NOOP("Cli", "the TCP port"), false,
                 readNumber<&Settings::port, 0, 65'535>},
    SettingField{"allowed_hosts"_L1, "host names"_L1,
                 QT_TRANSLATE_NOOP("Cli", "further names by which clients may call this daemon"),
                 true, readList<&Settings::allowedHosts>},
    SettingField{"allowed_origins"_L1, "origins such as https://example.org"_L1,
                 QT_TRANSLATE_NOOP("Cli", "further web pages that may connect"), true,
                 readList<&Settings::allowedOrigins>},
    SettingField{"tls_cert"_L1, "a PEM file"_L1,
                 QT_TRANSLATE_NOOP("Cli", "the certificate for TLS, and those that lead to it"),
                 false, readPath<&Settings::tlsCert>},
    SettingField{"tls_key"_L1, "a PEM file"_L1,
                 QT_TRANSLATE_NOOP("Cli", "the key of that certificate"), false,
                 readPath<&Settings::tlsKey>},
    SettingField{"client_ca"_L1, "a PEM file"_L1,
                 QT_TRANSLATE_NOOP("Cli", "whose certificates clients show who speak TLS"), false,
                 readPath<&Settings::clientCa>},
    SettingField{"local_trust"_L1, onOff,
                 QT_TRANSLATE_NOOP("Cli", "whether programs of the same user need no token"), false,
                 readBool<&Settings::localTrust>},
    SettingField{"require_auth"_L1, onOff,
                 QT_TRANSLATE_NOOP("Cli", "whether reading needs a token, too"), false,
                 readBool<&Settings::requireAuth>},
    SettingField{"ws_read_only"_L1, onOff,
                 QT_TRANSLATE_NOOP("Cli", "whether WebSocket connections may only read"), false,
                 readBool<&Settings::wsReadOnly>},
    SettingField{"web_root"_L1, "a folder"_L1,
                 QT_TRANSLATE_NOOP("Cli", "pages of yours, served under /custom/"), false,
                 readPath<&Settings::webRoot>},
    SettingField{"max_connections"_L1, "1 to 100000"_L1,
                 QT_TRANSLATE_NOOP("Cli", "how many connections are accepted at once"), false,
                 readNumber<&Settings::maxConnections, 1, 100'000>},
    SettingField{"send_queue"_L1, "65536 to 1073741824 bytes"_L1,
                 QT_TRANSLATE_NOOP("Cli", "how much is kept for a slow reader"), false,
                 readNumber<&Settings::sendQueue, 65'536, 1'073'741'824>},
    SettingField{"metrics_interval"_L1, "100ms to 1h, plain numbers are ms"_L1,
                 QT_TRANSLATE_NOOP("Cli", "how often metrics are kept for the history"), false,
                 readInterval},
};

Error invalid(const QString &key, const QStringList &texts, QLatin1StringView accepted)
{
    return {ErrorCode::InvalidConfig, Cli::tr("setting %1: \"%2\" is not accepted; expected is %3")
                                          .arg(key, texts.join(u','), accepted)};
}

const SettingField *fieldOf(const QString &key)
{
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&](const SettingField &field) { return field.key == key; });
    return at == fields.end() ? nullptr : &*at;
}

} // namespace

std::span<const SettingField> settingFields()
{
    return fields;
}

QString flagOf(const SettingField &field)
{
    return "--"_L1 + QString(field.key).replace(u'_', u'-');
}

QByteArray variableOf(const SettingField &field)
{
    return "PMDAEMON_" + QString(field.key).toUpper().toLatin1();
}

SettingTexts settingsFromEnvironment()
{
    SettingTexts texts;
    for (const SettingField &field : fields) {
        const QByteArray variable = variableOf(field);
        if (qEnvironmentVariableIsEmpty(variable.constData()))
            continue;
        const QString value = qEnvironmentVariable(variable.constData());
        texts[field.key] = field.isList ? value.split(u',') : QStringList{value};
    }
    return texts;
}

Result<SettingTexts> settingsFromFile(const QString &path)
{
    QFile file(path);
    if (!file.exists())
        return fail(ErrorCode::NotFound, Cli::tr("%1: there is no such file").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::InvalidConfig, path + ": "_L1 + file.errorString());
    SettingTexts texts;
    try {
        std::istringstream stream(file.readAll().toStdString());
        for (const CLI::ConfigItem &item : CLI::ConfigTOML().from_config(stream)) {
            if (item.name == "++" || item.name == "--") // the bounds of a table
                continue;
            QStringList &values = texts[QString::fromStdString(item.fullname())];
            for (const std::string &value : item.inputs)
                values.append(QString::fromStdString(value));
        }
    } catch (const CLI::Error &error) {
        return fail(ErrorCode::InvalidConfig, path + ": "_L1 + QString::fromUtf8(error.what()));
    }
    for (auto it = texts.cbegin(); it != texts.cend(); ++it) {
        if (!fieldOf(it.key()))
            return fail(ErrorCode::InvalidConfig,
                        Cli::tr("%1: there is no setting %2").arg(path, it.key()));
    }
    return texts;
}

Result<Settings> settingsFrom(const QString &home, const QList<SettingTexts> &sources)
{
    Settings settings;
    settings.home = home;
    settings.runDirectory = runDirectoryOf(home);
    for (const SettingField &field : fields) {
        for (const SettingTexts &source : sources) {
            const auto texts = source.constFind(field.key);
            if (texts == source.cend())
                continue;
            if (!field.read(*texts, settings))
                return tl::unexpected(invalid(field.key, *texts, field.accepted));
            break;
        }
    }
    return settings;
}

Result<Settings> settingsOf(const QString &home, const SettingTexts &given)
{
    const Result<SettingTexts> ofFile = settingsFromFile(settingsFileOf(home));
    if (!ofFile && ofFile.error().code != ErrorCode::NotFound)
        return tl::unexpected(ofFile.error());
    return settingsFrom(home, {given, settingsFromEnvironment(), ofFile.value_or(SettingTexts())});
}

QString settingsFileOf(const QString &home)
{
    const QString userHome = QDir::homePath();
    if (home != userHome + "/.pmdaemon"_L1)
        return home + "/pmdaemon.toml"_L1;
    const QString configured = qEnvironmentVariable("XDG_CONFIG_HOME");
    const QString base = configured.isEmpty() ? userHome + "/.config"_L1 : configured;
    return base + "/pmdaemon/pmdaemon.toml"_L1;
}

} // namespace pmdaemon

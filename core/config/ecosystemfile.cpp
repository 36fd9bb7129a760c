// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/ecosystemfile.h"

#include "core/config/javascriptfile.h"
#include "core/config/loosejson.h"
#include "core/config/stricttoml.h"
#include "core/config/strictyaml.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 MaxFile = 10 * 1024 * 1024;

struct Format
{
    QLatin1StringView suffix;
    QLatin1StringView name;
    tl::expected<ParsedJson, JsonProblem> (*parse)(QByteArrayView, const JsonRules &);
    bool isProgram = false;
    bool isLoose = false;
};

constexpr std::array formats = {
    // Also what has no suffix of these.
    Format{"json"_L1, "JSON"_L1, parseStrictJson, false, true},
    Format{"yaml"_L1, "YAML"_L1, parseStrictYaml},
    Format{"yml"_L1, "YAML"_L1, parseStrictYaml},
    Format{"toml"_L1, "TOML"_L1, parseStrictToml},
    Format{"js"_L1, "JavaScript"_L1, parseStrictJson, true},
    Format{"cjs"_L1, "JavaScript"_L1, parseStrictJson, true},
    Format{"mjs"_L1, "JavaScript"_L1, parseStrictJson, true},
};

const Format &formatOf(const QString &suffix)
{
    const auto *const found =
        std::find_if(formats.begin(), formats.end(),
                     [&](const Format &format) { return format.suffix == suffix; });
    return found == formats.end() ? formats.front() : *found;
}

Result<QByteArray> textOf(const QString &path)
{
    QFile file(path);
    if (path == StandardInput ? !file.open(STDIN_FILENO, QIODevice::ReadOnly)
                              : !file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::InvalidConfig,
                    u"%1: cannot be read: %2"_s.arg(path, file.errorString()));
    const QByteArray text = file.read(MaxFile + 1);
    if (text.size() > MaxFile)
        return fail(ErrorCode::InvalidConfig, u"%1: larger than 10 MiB"_s.arg(path));
    return text;
}

/// JSON begins with a bracket, or with a comment.
bool looksLikeJson(const QByteArray &text)
{
    const QByteArray trimmed = text.left(1024).trimmed();
    return trimmed.isEmpty() || QByteArrayView("{[/").contains(trimmed.front());
}

EcosystemFile parsed(const QString &path, QByteArray text, const Format &format)
{
    EcosystemFile file;
    file.path = QDir::cleanPath(path);
    file.isProgram = format.isProgram;
    const JsonRules rules{64, 10'000, 1'000'000, !format.isProgram, !format.isProgram};
    auto parsed = format.parse(text, rules);
    if (!parsed && parsed.error().syntax && format.isLoose) {
        text = jsonOfLoose(text);
        parsed = format.parse(text, rules);
    }
    if (parsed) {
        file.parsed = *std::move(parsed);
    } else {
        const JsonProblem &problem = parsed.error();
        const QString key = problem.pointer.section(u'/', -1);
        file.problem = {problem.offset,
                        problem.syntax || key.isEmpty() ? QString(format.name) : key,
                        problem.message};
    }
    file.text = text;
    return file;
}

} // namespace

Result<EcosystemFile> readEcosystemFile(const QString &path)
{
    if (path == StandardInput) {
        return textOf(path).map([](const QByteArray &text) {
            const Format &format = formatOf(looksLikeJson(text) ? u"json"_s : u"yaml"_s);
            EcosystemFile file = parsed(QDir::current().absoluteFilePath(u"stdin"_s), text, format);
            file.isStandardInput = true;
            return file;
        });
    }
    const QFileInfo info(path);
    if (!info.exists())
        return fail(ErrorCode::NotFound, u"%1: there is no such file"_s.arg(path));
    // Also keeps pipes and devices out, which never end.
    if (!info.isFile())
        return fail(ErrorCode::InvalidConfig, u"%1: expected a file"_s.arg(path));
    const Format &format = formatOf(info.suffix().toLower());
    const Result<QByteArray> text = format.isProgram ? evaluateJavaScript(path) : textOf(path);
    return text.map(
        [&](const QByteArray &read) { return parsed(info.absoluteFilePath(), read, format); });
}

} // namespace pmdaemon

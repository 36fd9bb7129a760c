// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/ecosystemapps.h"

#include "app/cli/clitext.h"
#include "core/config/ecosystemfile.h"

#include <QFileInfo>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

tl::expected<Ecosystem, Failure> readEcosystem(Context &context, const QString &path,
                                               const EcosystemOptions &options)
{
    const QFileInfo info(path);
    const bool isFile = path != StandardInput;
    if (isFile && !info.exists())
        return tl::unexpected(
            Failure{ExitCode::ConfigMissing, Cli::tr("%1: there is no such file").arg(path)});
    if (isFile && (!info.isFile() || !info.isReadable()))
        return tl::unexpected(
            Failure{ExitCode::ConfigUnreadable, Cli::tr("%1: cannot be read").arg(path)});
    Result<Ecosystem> read = loadEcosystem(isFile ? info.absoluteFilePath() : path, options);
    if (!read)
        return tl::unexpected(Failure{ExitCode::ConfigInvalid, read.error().message});
    for (const QString &notice : read->notices)
        context.output.complain(notice);
    return *std::move(read);
}

tl::expected<QString, Failure> ecosystemOr(const QString &named)
{
    if (!named.isEmpty())
        return named;
    for (const char *suffix :
         {"json", "yaml", "yml", "toml", "config.js", "config.cjs", "config.mjs"}) {
        const QString file = u"ecosystem."_s + QLatin1StringView(suffix);
        if (QFileInfo(file).isFile())
            return file;
    }
    return tl::unexpected(Failure{
        ExitCode::ConfigMissing,
        Cli::tr("there is no ecosystem file here; name one, or make one with `pmdaemon init`")});
}

} // namespace pmdaemon

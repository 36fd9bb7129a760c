// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/ecosystemapps.h"

#include "app/cli/clitext.h"

#include <QFileInfo>

namespace pmdaemon {

tl::expected<QList<ProcessSpec>, Failure> readApps(Context &context, const QString &path,
                                                   const EcosystemOptions &options)
{
    const QFileInfo info(path);
    if (!info.exists())
        return tl::unexpected(
            Failure{ExitCode::ConfigMissing, Cli::tr("%1: there is no such file").arg(path)});
    if (!info.isFile() || !info.isReadable())
        return tl::unexpected(
            Failure{ExitCode::ConfigUnreadable, Cli::tr("%1: cannot be read").arg(path)});
    const Result<Ecosystem> read = loadEcosystem(info.absoluteFilePath(), options);
    if (!read)
        return tl::unexpected(Failure{ExitCode::ConfigInvalid, read.error().message});
    for (const QString &notice : read->notices)
        context.output.complain(notice);
    return read->apps;
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"
#include "core/model/result.h"

#include <QProcessEnvironment>

#include <span>

namespace pmdaemon {

/// A field of an app as PM2's list and dump call it, and as we do; the values mean the same.
struct Pm2Field
{
    QLatin1StringView theirs;
    QLatin1StringView ours;
};

std::span<const Pm2Field> pm2Fields();

struct Pm2Dump
{
    QList<ProcessSpec> apps;
    QStringList notices; ///< what is left out or works otherwise, for people
};

/// The apps in what `pm2 save` wrote (a list of what lib/God.js knows of each instance). PM2 stores
/// the whole environment of each; of it is kept what `ours` does not have just so. InvalidConfig
/// for what is no such list.
Result<Pm2Dump> readPm2Dump(const QByteArray &text, const QProcessEnvironment &ours);

} // namespace pmdaemon

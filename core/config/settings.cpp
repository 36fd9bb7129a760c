// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/settings.h"

#include <QDir>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString homeOfTheUser()
{
    return QDir::cleanPath(QDir::homePath() + u"/.pmdaemon"_s);
}

} // namespace

QString defaultHome()
{
    const QString given = qEnvironmentVariable("PMDAEMON_HOME");
    return given.isEmpty() ? homeOfTheUser()
                           : QDir::cleanPath(QDir::current().absoluteFilePath(given));
}

QString runDirectoryOf(const QString &home)
{
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    // XDG Base Directory Specification: a path that is not absolute is to be ignored.
    if (QDir::isAbsolutePath(runtime) && QDir::cleanPath(home) == homeOfTheUser())
        return QDir::cleanPath(runtime + u"/pmdaemon"_s);
    return QDir::cleanPath(home + u"/run"_s);
}

} // namespace pmdaemon

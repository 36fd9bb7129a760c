// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/settings.h"

#include <QDir>
#include <QHostAddress>

#include <algorithm>

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

QStringList withLoopback(const QStringList &hosts)
{
    const auto any = [&](auto condition) {
        return std::any_of(hosts.cbegin(), hosts.cend(), [condition](const QString &host) {
            return condition(QHostAddress(host));
        });
    };
    QStringList all = hosts;
    if (any([](const QHostAddress &address) { return address.isLoopback(); }))
        return all;
    if (!any([](const QHostAddress &address) { return address == QHostAddress::AnyIPv4; }))
        all.append(u"127.0.0.1"_s);
    if (!any([](const QHostAddress &address) { return address == QHostAddress::AnyIPv6; }))
        all.append(u"::1"_s);
    return all;
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

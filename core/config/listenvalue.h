// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processspec.h"

#include <QJsonObject>

namespace pmdaemon {

/// The sockets of `listen`, each address once; a kind of value as those of specvalues.h.
struct ListenValue
{
    static constexpr int MaxSockets = 16;
    static constexpr QLatin1StringView accepted{
        "a port, an address as \"127.0.0.1:3000\" or \"[::1]:3000\", the absolute path of a Unix "
        "socket, or a list of them (at most 16)"};
    static QJsonObject schema();
    static std::optional<QList<ListenSpec>> parse(const QJsonValue &value);
    static QJsonValue write(const QList<ListenSpec> &value);
};

/// "127.0.0.1:3000", "[::1]:3000" or the path.
QString toString(const ListenSpec &listen);

} // namespace pmdaemon

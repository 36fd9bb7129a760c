// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QJsonObject>
#include <QLatin1StringView>
#include <QString>

#include <optional>

/// The values that travel between all parts, and the rules they keep.
namespace pmdaemon {

/// What went wrong, for programs. The words on the wire come from toString(); they are stable.
enum class ErrorCode {
    InvalidJson,
    InvalidMessage,
    UnknownType,
    UnknownEvent,
    UnknownAction,
    NotFound,
    AlreadyExists,
    AlreadyRunning,
    NotRunning,
    InvalidConfig,
    PortInUse,
    StartFailed,
    StopFailed,
    Timeout,
    ReadOnly,
    Unauthorized,
    RateLimited,
    TooLarge,
    ShuttingDown,
    StorageFull,
    Internal,
    Unreachable, ///< this end only: the daemon cannot be reached or went away; never sent
};

/// "invalid_json", "not_found", …
QLatin1StringView toString(ErrorCode code);
std::optional<ErrorCode> errorCodeFromString(QStringView text);

/// `message` says what, where, what is accepted and what to do; `details` is for programs.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    QString message;
    QJsonObject details = {};

    bool operator==(const Error &) const = default;
};

} // namespace pmdaemon

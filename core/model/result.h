// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/error.h"

#include <QFuture>
#include <QPromise>

#include <tl/expected.hpp>

namespace pmdaemon {

/// A value, or the Error that says why there is none.
template <typename T>
using Result = tl::expected<T, Error>;

/// A Result that comes later. It is always finished at last: with the answer, or with an Error
/// (Timeout, Unreachable, ShuttingDown). Continue with `.then(context, …)`.
template <typename T>
using Reply = QFuture<Result<T>>;

/// An Error where a Result or a Reply's value is expected: `return fail(ErrorCode::NotFound, …)`.
inline tl::unexpected<Error> fail(ErrorCode code, QString message, QJsonObject details = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(details)});
}

/// A Reply that is finished already.
template <typename T>
Reply<T> readyReply(Result<T> result)
{
    QPromise<Result<T>> promise;
    promise.start();
    promise.addResult(std::move(result));
    promise.finish();
    return promise.future();
}

} // namespace pmdaemon

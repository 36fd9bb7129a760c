// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/processrunner.h"

#include <cerrno>
#include <climits>
#include <system_error>
#include <unistd.h>

namespace pmdaemon {

Result<void> writeInput(const LaunchSpec &spec, int input, const QByteArray &bytes)
{
    if (!spec.hasInput)
        return fail(
            ErrorCode::InvalidConfig,
            ProcessRunner::tr("%1 has no standard input; give it stdin: \"pipe\"").arg(spec.name));
    if (bytes.size() > PIPE_BUF)
        return fail(ErrorCode::TooLarge,
                    ProcessRunner::tr("%1 bytes are too many at once; %2 are accepted")
                        .arg(QString::number(bytes.size()), QString::number(PIPE_BUF)));
    if (input >= 0 && ::write(input, bytes.constData(), size_t(bytes.size())) == bytes.size())
        return {};
    const int code = errno;
    if (code == EAGAIN)
        return fail(ErrorCode::Timeout,
                    ProcessRunner::tr("%1 does not read what was sent before; try again later")
                        .arg(spec.name));
    if (code == ENXIO)
        return fail(ErrorCode::NotRunning,
                    ProcessRunner::tr("%1 has closed its standard input").arg(spec.name));
    return fail(ErrorCode::Internal,
                ProcessRunner::tr("the standard input of %1 cannot be written: %2")
                    .arg(spec.name, QString::fromLocal8Bit(std::system_category().message(code))));
}

void ProcessRunner::resume(const LaunchSpec &, quint64)
{
    emit resumed({});
}

} // namespace pmdaemon

#include "moc_processrunner.cpp"

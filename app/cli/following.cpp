// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/following.h"

#include "app/cli/clitext.h"

namespace pmdaemon {

Following::Following(Context &context, Listener listener)
    : m_context(context)
    , m_listener(std::move(listener))
{
    connect(&context.session.backend(), &Backend::connectionStateChanged, this,
            &Following::changed);
}

ExitCode Following::run()
{
    if (m_context.session.backend().connectionState() != ConnectionState::Refused)
        m_loop.exec();
    return ExitCode::Permission;
}

void Following::changed(ConnectionState state, const QString &reason)
{
    if (state == ConnectionState::Live) {
        // Later: within a socket's readyRead() nothing more of it is read, and an answer is more.
        QMetaObject::invokeMethod(this, m_listener.back, Qt::QueuedConnection);
    } else if (state == ConnectionState::Lost) {
        m_listener.lost();
        m_context.output.complain(Cli::tr("the connection was lost: %1; trying again").arg(reason));
    } else if (state == ConnectionState::Refused) {
        m_context.output.complain(reason);
        m_loop.quit();
    }
}

} // namespace pmdaemon

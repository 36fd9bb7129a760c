// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/processoutput.h"

using namespace Qt::Literals::StringLiterals;

namespace pmdaemon {

Result<void> ProcessOutput::open(const LogFiles &files)
{
    m_shared = files.out == files.err;
    auto out = makePump(files.out, files);
    if (!out)
        return tl::unexpected(out.error());
    auto err = makePump(m_shared ? QString() : files.err, files);
    if (!err)
        return tl::unexpected(err.error());
    m_out = std::move(*out);
    m_err = std::move(*err);
    return {};
}

Result<std::unique_ptr<LogPump>> ProcessOutput::makePump(const QString &path, const LogFiles &files)
{
    if (path.isEmpty() || path == "/dev/null"_L1)
        return nullptr;
    auto pump = LogPump::create(path, files.maxSize, files.maxFiles);
    if (pump)
        connect(pump->get(), &LogPump::failed, this, &ProcessOutput::failed);
    return pump;
}

void ProcessOutput::close()
{
    for (std::unique_ptr<LogPump> *owner : {&m_out, &m_err}) {
        LogPump *pump = owner->release();
        if (!pump)
            continue;
        pump->setParent(this);
        connect(pump, &LogPump::ended, pump, &QObject::deleteLater);
        pump->closeWriteEnd();
    }
}

void ProcessOutput::catchUp()
{
    for (LogPump *pump : {m_out.get(), m_err.get()}) {
        if (pump)
            pump->catchUp();
    }
}

int ProcessOutput::out() const
{
    return m_out ? m_out->writeEnd() : -1;
}

int ProcessOutput::err() const
{
    return m_err ? m_err->writeEnd() : m_shared ? out() : -1;
}

} // namespace pmdaemon

#include "moc_processoutput.cpp"

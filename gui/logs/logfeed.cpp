// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/logfeed.h"

#include "core/logs/logoverlap.h"

#include <algorithm>

namespace pmdaemon {

using namespace std::chrono_literals;

namespace {

constexpr int pageLines = 200;

} // namespace

LogFeed::LogFeed(Backend &backend, QObject *parent)
    : QObject(parent)
    , m_backend(backend)
{
    m_limit.setSingleShot(true);
    m_limit.setInterval(50ms);
    connect(&m_limit, &QTimer::timeout, this, &LogFeed::changed);
    connect(&backend, &Backend::logLines, this, &LogFeed::take);
    connect(&backend, &Backend::connectionStateChanged, this, [this](ConnectionState state) {
        if (state == ConnectionState::Live)
            start();
    });
}

void LogFeed::setProcess(std::optional<ProcessId> id)
{
    if (id == m_process)
        return;
    m_process = id;
    m_store.clear();
    m_tail.clear();
    start();
}

void LogFeed::setActive(bool on)
{
    if (on == m_active)
        return;
    m_active = on;
    start();
}

void LogFeed::start()
{
    ++m_round;
    m_early.clear();
    m_failure.clear();
    m_lastSeq = 0;
    m_watch = Watch();
    m_state = State::Nothing;
    const ProcessEntry *entry = m_process && m_active ? m_backend.process(*m_process) : nullptr;
    if (entry) {
        m_state = State::Loading;
        // The watch comes first, so that nothing falls between the page and what follows it.
        m_watch = m_backend.watchLogs({.names = QStringList{entry->name}, .nameSpaces = {}});
        LogQuery query;
        query.process = QString::number(toInt(entry->id));
        query.lines = pageLines;
        m_backend.logs(query).then(this, [this, round = m_round](const Result<LogPage> &page) {
            if (round == m_round)
                takePage(page);
        });
    }
    emit changed();
}

void LogFeed::take(const LogBatch &batch)
{
    if (batch.id != m_process || m_state == State::Nothing)
        return;
    if (m_state == State::Loading) {
        m_early.append(batch.lines);
        return;
    }
    if (batch.dropped > 0)
        m_store.appendGap(batch.dropped);
    appendNew(batch.lines);
    tell();
}

void LogFeed::takePage(const Result<LogPage> &page)
{
    if (page) {
        const qsizetype known = overlap(m_tail, page->lines);
        if (known == 0 && !m_tail.isEmpty() && page->lines.size() >= pageLines)
            m_store.appendGap(0);
        append(page->lines.sliced(known));
        m_lastSeq = page->lines.isEmpty() ? 0 : page->lines.last().seq;
        m_state = State::Live;
    } else {
        m_failure = page.error().message;
        m_state = State::Failed;
    }
    appendNew(m_early);
    m_early.clear();
    emit changed();
}

void LogFeed::appendNew(const QList<LogLine> &lines)
{
    const auto first = std::find_if(lines.cbegin(), lines.cend(), [this](const LogLine &line) {
        return line.seq == 0 || line.seq > m_lastSeq;
    });
    append(lines.sliced(first - lines.cbegin()));
}

void LogFeed::append(const QList<LogLine> &lines)
{
    for (const LogLine &line : lines)
        m_store.append(line);
    m_tail = lines.size() < pageLines ? m_tail + lines : lines;
    if (m_tail.size() > pageLines)
        m_tail.remove(0, m_tail.size() - pageLines);
}

void LogFeed::tell()
{
    if (!m_limit.isActive())
        m_limit.start();
}

} // namespace pmdaemon

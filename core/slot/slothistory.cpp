// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/slothistory.h"

namespace pmdaemon {

namespace {

constexpr size_t blockRecords = 16;

} // namespace

void SlotHistory::add(const JournalRecord &record)
{
    lastBoot = record.boot;
    switch (record.type) {
    case RecordType::Wanted:
        (record.wanted.up == 1 ? up : down) = record;
        break;
    case RecordType::Spawned:
        spawned = record;
        break;
    case RecordType::Up:
        executed = record;
        break;
    case RecordType::Ready:
        ready = record;
        break;
    case RecordType::StartFailed:
        startFailed = record;
        break;
    case RecordType::Exited:
        exited = record;
        break;
    case RecordType::Ended:
        ended = record;
        break;
    case RecordType::Cancelled:
        cancelled = record;
        break;
    case RecordType::Rotating:
        rotating[record.rotating.stream == 1] = record;
        break;
    case RecordType::Trouble:
    case RecordType::Gap:
    case RecordType::Adopted:
        break;
    }
}

uint64_t SlotHistory::bootId() const
{
    return spawned.seq > up.seq ? spawned.spawned.bootId : up.wanted.bootId;
}

SlotHistory::Next SlotHistory::next() const
{
    const JournalRecord *last = &up;
    const JournalRecord *const others[] = {&spawned, &startFailed, &exited, &ended, &cancelled};
    for (const JournalRecord *record : others) {
        if (record->seq > last->seq)
            last = record;
    }
    if (last->seq == 0)
        return Next::Nothing;
    switch (last->type) {
    case RecordType::Wanted:
        return Next::Spawn;
    case RecordType::Spawned:
        return Next::Watch;
    case RecordType::Exited:
        return Next::Clear;
    case RecordType::StartFailed:
        return last->startFailed.delay < 0 ? Next::Nothing : Next::Restart;
    case RecordType::Ended:
        return last->ended.verdict == int32_t(RestartDecision::Verdict::Restart) ? Next::Restart
                                                                                 : Next::Nothing;
    default:
        return Next::Nothing;
    }
}

int64_t SlotHistory::restartAt() const
{
    if (startFailed.seq > ended.seq)
        return startFailed.boot + startFailed.startFailed.delay;
    return exited.boot + ended.ended.delay;
}

SlotHistory readHistory(const Journal &journal)
{
    SlotHistory history;
    JournalCursor cursor;
    JournalRecord records[blockRecords];
    while (const size_t count = journal.read(cursor, records, blockRecords)) {
        for (size_t i = 0; i < count; ++i)
            history.add(records[i]);
    }
    return history;
}

} // namespace pmdaemon

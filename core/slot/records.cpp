// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/crc32c.h"
#include "core/slot/exitrecord.h"

namespace pmdaemon {

namespace {

template <typename Record>
uint32_t checksum(const Record &record)
{
    return crc32c(reinterpret_cast<const char *>(&record) + sizeof record.crc,
                  sizeof record - sizeof record.crc);
}

} // namespace

bool isIntact(const JournalRecord &record)
{
    return record.crc == checksum(record);
}

void seal(JournalRecord &record)
{
    record.crc = checksum(record);
}

bool isIntact(const ExitRecord &record)
{
    return record.crc == checksum(record);
}

void seal(ExitRecord &record)
{
    record.crc = checksum(record);
}

} // namespace pmdaemon

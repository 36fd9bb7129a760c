// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/procentry.h"

#include "core/slot/textbuffer.h"
#include "core/slot/uniquefd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

namespace pmdaemon {

namespace {

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/// The numbered field of proc(5), counted from the state (3) on; `fields` points at the state.
int64_t field(const char *fields, const char *end, int number)
{
    for (int at = 3; at < number; ++at) {
        fields = static_cast<const char *>(memchr(fields, ' ', size_t(end - fields)));
        if (!fields)
            return 0;
        ++fields;
    }
    return strtoll(fields, nullptr, 10);
}

} // namespace

long readSmallFile(const char *path, char *buffer, size_t capacity)
{
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    if (!file)
        return -1;
    size_t length = 0;
    while (length + 1 < capacity) {
        const ssize_t got = ::read(file.get(), buffer + length, capacity - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += size_t(got);
    }
    buffer[length] = '\0';
    return long(length);
}

uint64_t currentBootId()
{
    char text[64];
    if (readSmallFile("/proc/sys/kernel/random/boot_id", text, sizeof text) < 0)
        return 0;
    unsigned char bytes[8] = {};
    size_t digits = 0;
    for (const char *c = text; *c && digits < 16; ++c) {
        const int digit = hexDigit(*c);
        if (digit < 0)
            continue;
        bytes[digits / 2] = static_cast<unsigned char>(bytes[digits / 2] << 4 | digit);
        ++digits;
    }
    uint64_t id = 0;
    memcpy(&id, bytes, sizeof id);
    return id;
}

bool parseProcEntry(const char *text, size_t length, ProcEntry &entry)
{
    // The name in parentheses may hold anything; the fields follow the last parenthesis.
    const char *end = text + length;
    const void *name = memrchr(text, ')', length);
    if (!name)
        return false;
    const char *fields = static_cast<const char *>(name) + 2;
    if (fields >= end)
        return false;
    entry.state = *fields;
    entry.parent = int32_t(field(fields, end, 4));
    entry.session = int32_t(field(fields, end, 6));
    entry.userTicks = field(fields, end, 14);
    entry.systemTicks = field(fields, end, 15);
    entry.startTime = uint64_t(field(fields, end, 22));
    entry.waitStatus = int32_t(field(fields, end, 52));
    return entry.startTime > 0;
}

bool readProcEntry(int32_t pid, ProcEntry &entry)
{
    TextBuffer<40> path;
    path.add("/proc/").addNumber(uint64_t(pid)).add("/stat");
    char text[1024];
    const long length = readSmallFile(path.text(), text, sizeof text);
    return length > 0 && parseProcEntry(text, size_t(length), entry);
}

} // namespace pmdaemon

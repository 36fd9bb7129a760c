// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/slot/slotspec.h"

#include "core/slot/childdescriptors.h"
#include "core/slot/crc32c.h"

#include <limits.h>
#include <string.h>

namespace pmdaemon {

namespace {

constexpr char magic[] = {'P', 'M', 'D', 'S', 'P', 'E', 'C', '1'};
constexpr size_t crcSize = 4;
constexpr const char *cookieKey = "PMDAEMON_COOKIE=";
constexpr const char *socketKey = "socket=";
constexpr size_t maxSocketName = 72;
constexpr int64_t maxTime = int64_t(1) << 50; // so that sums of times stay in range

bool startsWith(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool parseNumber(const char *text, int64_t least, int64_t most, int64_t &number)
{
    const bool isNegative = *text == '-';
    if (isNegative)
        ++text;
    if (!*text)
        return false;
    int64_t value = 0;
    for (; *text; ++text) {
        if (*text < '0' || *text > '9' || value > INT64_MAX / 10 - 1)
            return false;
        value = value * 10 + (*text - '0');
    }
    if (isNegative)
        value = -value;
    if (value < least || value > most)
        return false;
    number = value;
    return true;
}

struct Number
{
    const char *key;
    int64_t least;
    int64_t most;
    void (*store)(SlotSpec &spec, int64_t value);
};

constexpr Number numbers[] = {
    {"max_size", 0, INT64_MAX, [](SlotSpec &s, int64_t v) { s.maxSize = v; }},
    {"max_files", 0, 100'000, [](SlotSpec &s, int64_t v) { s.maxFiles = int32_t(v); }},
    {"autorestart", 0, 1, [](SlotSpec &s, int64_t v) { s.restart.autorestart = v == 1; }},
    {"max_restarts", -1, INT32_MAX, [](SlotSpec &s, int64_t v) { s.restart.maxRestarts = int(v); }},
    {"min_uptime", 0, maxTime, [](SlotSpec &s, int64_t v) { s.restart.minUptime = v; }},
    {"restart_delay", 0, maxTime, [](SlotSpec &s, int64_t v) { s.restart.restartDelay = v; }},
    {"backoff_base", 0, maxTime, [](SlotSpec &s, int64_t v) { s.restart.backoffBase = v; }},
    {"backoff_cap", 0, maxTime, [](SlotSpec &s, int64_t v) { s.restart.backoffCap = v; }},
    {"stdin", 0, 1, [](SlotSpec &s, int64_t v) { s.hasInput = v == 1; }},
    {"tells_ready", 0, 1, [](SlotSpec &s, int64_t v) { s.tellsReady = v == 1; }},
    {"stop_by_message", 0, 1, [](SlotSpec &s, int64_t v) { s.stopByMessage = v == 1; }},
    {"stop_signal", 1, 64, [](SlotSpec &s, int64_t v) { s.stopSignal = int32_t(v); }},
    {"stop_timeout", 0, maxTime, [](SlotSpec &s, int64_t v) { s.stopTimeout = v; }},
    {"stop_tree", 0, 1, [](SlotSpec &s, int64_t v) { s.stopTree = v == 1; }},
    {"nofile_soft", 0, INT64_MAX, [](SlotSpec &s, int64_t v) { s.softFiles = v; }},
    {"nofile_hard", 0, INT64_MAX, [](SlotSpec &s, int64_t v) { s.hardFiles = v; }},
    {"core", 0, INT64_MAX, [](SlotSpec &s, int64_t v) { s.core = v; }},
    {"on_failure", 0, 1, [](SlotSpec &s, int64_t v) { s.restart.onlyAfterFailure = v == 1; }},
    {"stop_code", 0, 255, [](SlotSpec &s, int64_t v) { s.restart.addStopCode(int(v)); }},
};

struct Limit
{
    const char *key;
    int64_t least;
    int64_t most;
    bool (*store)(LaunchLimits &limits, int64_t value);
};

constexpr int64_t maxId = LaunchLimits::Same - 1;

constexpr Limit limitKeys[] = {
    {"umask", 0, 0777,
     [](LaunchLimits &l, int64_t v) {
         l.umask = int32_t(v);
         return true;
     }},
    {"nice", -20, 19,
     [](LaunchLimits &l, int64_t v) {
         l.hasNice = true;
         l.nice = int32_t(v);
         return true;
     }},
    {"oom_score_adj", -1'000, 1'000,
     [](LaunchLimits &l, int64_t v) {
         l.hasOomScore = true;
         l.oomScore = int32_t(v);
         return true;
     }},
    {"cpu", 0, LaunchLimits::maxCpus - 1, [](LaunchLimits &l, int64_t v) { return l.addCpu(v); }},
    {"uid", 0, maxId,
     [](LaunchLimits &l, int64_t v) {
         l.hasCredentials = true;
         l.user = uint32_t(v);
         return true;
     }},
    {"gid", 0, maxId,
     [](LaunchLimits &l, int64_t v) {
         l.hasCredentials = true;
         l.group = uint32_t(v);
         return true;
     }},
    {"group", 0, maxId, [](LaunchLimits &l, int64_t v) { return l.addGroup(uint32_t(v)); }},
    {"no_new_privileges", 0, 1,
     [](LaunchLimits &l, int64_t v) {
         l.noNewPrivileges = v == 1;
         return true;
     }},
};

struct Path
{
    const char *key;
    void (*store)(SlotSpec &spec, const char *path);
};

constexpr Path paths[] = {
    {"program", [](SlotSpec &s, const char *p) { s.program = p; }},
    {"cwd", [](SlotSpec &s, const char *p) { s.folder = p; }},
    {"out", [](SlotSpec &s, const char *p) { s.logs[0] = p; }},
    {"err", [](SlotSpec &s, const char *p) { s.logs[1] = p; }},
    {"budget", [](SlotSpec &s, const char *p) { s.budget = p; }},
};

bool isKey(const char *entry, size_t length, const char *key)
{
    return strlen(key) == length && memcmp(entry, key, length) == 0;
}

/// "NAME:SOFT:HARD".
bool parseResource(const char *value, LaunchLimits &limits)
{
    char text[64];
    const size_t length = strlen(value);
    if (length >= sizeof text)
        return false;
    memcpy(text, value, length + 1);
    char *soft = strchr(text, ':');
    char *hard = soft ? strchr(soft + 1, ':') : nullptr;
    if (!hard)
        return false;
    *soft++ = '\0';
    *hard++ = '\0';
    ResourceLimit limit;
    limit.resource = resourceNumber(text);
    constexpr int64_t none = ResourceLimit::Unlimited;
    return limit.resource >= 0 && parseNumber(soft, none, INT64_MAX, limit.soft) &&
           parseNumber(hard, none, INT64_MAX, limit.hard) && limits.addResource(limit);
}

/// False for a limit that cannot be; what is none passes.
bool parseLimit(const char *entry, size_t length, const char *value, LaunchLimits &limits)
{
    if (isKey(entry, length, "rlimit"))
        return parseResource(value, limits);
    for (const Limit &limit : limitKeys) {
        int64_t parsed = 0;
        if (isKey(entry, length, limit.key))
            return parseNumber(value, limit.least, limit.most, parsed) &&
                   limit.store(limits, parsed);
    }
    return true;
}

/// One "key=value".
bool parseEntry(const char *entry, SlotSpec &spec, LaunchLimits &limits)
{
    const char *equals = strchr(entry, '=');
    if (!equals || equals == entry)
        return false;
    const auto length = size_t(equals - entry);
    const char *value = equals + 1;
    for (const Number &number : numbers) {
        int64_t parsed = 0;
        if (!isKey(entry, length, number.key))
            continue;
        if (!parseNumber(value, number.least, number.most, parsed))
            return false;
        number.store(spec, parsed);
        return true;
    }
    for (const Path &path : paths) {
        if (!isKey(entry, length, path.key))
            continue;
        if (*value != '/' || strlen(value) >= PATH_MAX - 16)
            return false;
        path.store(spec, value);
        return true;
    }
    if (!parseLimit(entry, length, value, limits))
        return false;
    if (isKey(entry, length, "arg"))
        ++spec.argumentCount;
    else if (isKey(entry, length, "socket"))
        return strlen(value) < maxSocketName && ++spec.socketCount <= maxChildSockets;
    else if (isKey(entry, length, "env") && !startsWith(value, cookieKey))
        ++spec.environmentCount;
    return true;
}

/// Puts what follows each `key` into `places`, but for values that begin with `except`.
void fill(const SlotSpec &spec, const char *key, const char *except, char **places)
{
    for (const char *entry = spec.strings; entry < spec.end; entry += strlen(entry) + 1) {
        const char *value = entry + strlen(key);
        if (startsWith(entry, key) && !(except && startsWith(value, except)))
            *places++ = const_cast<char *>(value); // exec's signature; it does not write
    }
    *places = nullptr;
}

} // namespace

bool SlotSpec::isShared() const
{
    return logs[0] && logs[1] && strcmp(logs[0], logs[1]) == 0;
}

void SlotSpec::fillLimits(LaunchLimits &limits) const
{
    for (const char *entry = strings; entry < end; entry += strlen(entry) + 1) {
        const char *equals = strchr(entry, '=');
        parseLimit(entry, size_t(equals - entry), equals + 1, limits);
    }
}

void SlotSpec::fillArguments(char **argv) const
{
    argv[0] = const_cast<char *>(program);
    fill(*this, "arg=", nullptr, argv + 1);
}

void SlotSpec::fillEnvironment(char **envp) const
{
    fill(*this, "env=", cookieKey, envp);
}

void SlotSpec::addSocketNames(SocketNames &names) const
{
    const size_t before = names.length();
    for (const char *entry = strings; entry < end; entry += strlen(entry) + 1) {
        if (!startsWith(entry, socketKey))
            continue;
        if (names.length() > before)
            names.add(":");
        names.add(entry + strlen(socketKey));
    }
}

bool parseSlotSpec(const char *bytes, size_t size, SlotSpec &spec)
{
    if (size < sizeof magic + crcSize || memcmp(bytes, magic, sizeof magic) != 0)
        return false;
    uint32_t crc = 0;
    memcpy(&crc, bytes + size - crcSize, crcSize);
    if (crc != crc32c(bytes, size - crcSize))
        return false;
    SlotSpec parsed;
    LaunchLimits limits;
    parsed.strings = bytes + sizeof magic;
    parsed.end = bytes + size - crcSize;
    if (parsed.strings == parsed.end || parsed.end[-1] != '\0')
        return false;
    for (const char *entry = parsed.strings; entry < parsed.end; entry += strlen(entry) + 1) {
        if (!parseEntry(entry, parsed, limits))
            return false;
    }
    if (!parsed.program)
        return false;
    for (const char *&log : parsed.logs) {
        if (log && strcmp(log, "/dev/null") == 0)
            log = nullptr;
    }
    spec = parsed;
    return true;
}

} // namespace pmdaemon

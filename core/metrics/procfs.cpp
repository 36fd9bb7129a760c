// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/metrics/procfs.h"

#include "core/slot/uniquefd.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <sys/statvfs.h>

namespace pmdaemon::procfs {

namespace {

/// Walks over the words of a text; a word that is missing or no number reads as 0.
class Words
{
public:
    explicit Words(QByteArrayView text)
        : m_at(text.data())
        , m_end(text.data() + text.size())
    {}

    QByteArrayView next()
    {
        while (m_at < m_end && isSpace(*m_at))
            ++m_at;
        const char *start = m_at;
        while (m_at < m_end && !isSpace(*m_at))
            ++m_at;
        return {start, m_at};
    }
    template <typename Number>
    Number number()
    {
        const QByteArrayView word = next();
        Number value{};
        std::from_chars(word.begin(), word.end(), value);
        return value;
    }
    void skip(int count)
    {
        for (; count > 0; --count)
            next();
    }

private:
    static bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\t'; }

    const char *m_at;
    const char *m_end;
};

/// Calls `visit` with each line.
template <typename Visit>
void forEachLine(QByteArrayView text, Visit visit)
{
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('\n');
        visit(end < 0 ? text : text.first(end));
        text = end < 0 ? QByteArrayView() : text.sliced(end + 1);
    }
}

} // namespace

CpuTicks parseStat(QByteArrayView text)
{
    CpuTicks ticks;
    forEachLine(text, [&ticks](QByteArrayView line) {
        Words words(line);
        const QByteArrayView name = words.next();
        if (name.startsWith("cpu") && name.size() > 3)
            ++ticks.cores;
        if (name != "cpu")
            return;
        // user nice system idle iowait irq softirq steal; guest time is part of user already.
        std::array<qint64, 8> times;
        for (qint64 &time : times) {
            time = words.number<qint64>();
            ticks.total += time;
        }
        ticks.busy = ticks.total - times[3] - times[4];
    });
    return ticks;
}

Memory parseMemInfo(QByteArrayView text)
{
    Memory memory;
    const struct
    {
        QByteArrayView name;
        qint64 &value;
    } fields[] = {{"MemTotal:", memory.total},
                  {"MemAvailable:", memory.available},
                  {"SwapTotal:", memory.swapTotal},
                  {"SwapFree:", memory.swapFree}};
    forEachLine(text, [&fields](QByteArrayView line) {
        Words words(line);
        const QByteArrayView name = words.next();
        for (const auto &field : fields) {
            if (field.name == name)
                field.value = words.number<qint64>() * 1024;
        }
    });
    return memory;
}

Load parseLoadAverage(QByteArrayView text)
{
    Words words(text);
    Load load;
    load.one = words.number<double>();
    load.five = words.number<double>();
    load.fifteen = words.number<double>();
    return load;
}

Traffic parseNetDev(QByteArrayView text)
{
    Traffic traffic;
    forEachLine(text, [&traffic](QByteArrayView line) {
        const qsizetype colon = line.indexOf(':');
        if (colon < 0 || Words(line.first(colon)).next() == "lo")
            return;
        Words words(line.sliced(colon + 1));
        traffic.received += words.number<qint64>();
        words.skip(7);
        traffic.sent += words.number<qint64>();
    });
    return traffic;
}

qint64 parseUptime(QByteArrayView text)
{
    return Words(text).number<qint64>();
}

qint64 parseProcessTicks(QByteArrayView text)
{
    // The name in parentheses may hold spaces and parentheses itself.
    const qsizetype nameEnd = text.lastIndexOf(')');
    Words words(text.sliced(nameEnd + 1));
    words.skip(11);
    const qint64 user = words.number<qint64>();
    return user + words.number<qint64>();
}

qint64 parseResidentPages(QByteArrayView text)
{
    Words words(text);
    words.skip(1);
    return words.number<qint64>();
}

void parsePids(QByteArrayView text, std::vector<qint64> &pids)
{
    Words words(text);
    while (const qint64 pid = words.number<qint64>())
        pids.push_back(pid);
}

Disk diskOf(const QByteArray &path)
{
    struct statvfs info;
    if (::statvfs(path.constData(), &info) != 0)
        return {};
    const auto bytes = [&info](fsblkcnt_t blocks) { return qint64(blocks * info.f_frsize); };
    return {bytes(info.f_blocks), bytes(info.f_blocks - std::min(info.f_bfree, info.f_blocks))};
}

QByteArray readFile(const QByteArray &path)
{
    QByteArray text;
    const UniqueFd file(::open(path.constData(), O_RDONLY | O_CLOEXEC));
    if (!file || !readAgain(file.get(), text))
        text.clear();
    return text;
}

bool readAgain(int fd, QByteArray &buffer)
{
    constexpr qsizetype firstSize = 4096;
    constexpr ssize_t shortRead = 3072;
    qsizetype used = 0;
    for (;;) {
        buffer.resize(std::max({used * 2, firstSize, buffer.capacity()}));
        const ssize_t got = ::pread(fd, buffer.data() + used, size_t(buffer.size() - used), used);
        if (got < 0)
            return false;
        used += got;
        // The kernel hands out whole records of a page; what leaves more room than any record needs
        // is the end.
        if (got < shortRead) {
            buffer.resize(used);
            return true;
        }
    }
}

} // namespace pmdaemon::procfs

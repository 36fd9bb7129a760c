// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

// ledger FOLDER LINES-PER-SECOND LINES END: a program that says and records what it does. It writes
// numbered, checksummed lines to its standard output, and to a file in FOLDER, which PMDaemon knows
// nothing of and which is named after the process' id, records of 32 bytes, each with one write:
// that a run began, up to which line its writes have returned, and how it ends by itself. LINES 0 =
// it never ends; END is exit:CODE or signal:NUMBER. LINES-PER-SECOND 0 = as fast as it can.
// ledger.py reads both.

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <time.h>
#include <unistd.h>

namespace {

/// Little-endian, as the machine that reads it is the one that wrote it.
struct Record
{
    char kind[4]; ///< "RUN", "OUT", "END", "TWO"
    std::int32_t pid;
    std::uint64_t start; ///< of the process, in ticks since boot
    std::int64_t value;  ///< OUT: the last line; END: the exit code, or minus the signal
    std::int64_t time;   ///< CLOCK_BOOTTIME, milliseconds
};
static_assert(sizeof(Record) == 32);

// At most PIPE_BUF: a batch is stored as a whole or not at all, also when this program is killed.
constexpr std::size_t maxBatch = 4096;

std::int64_t now()
{
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::int64_t(time.tv_sec) * 1'000 + time.tv_nsec / 1'000'000;
}

[[noreturn]] void fail(const char *what)
{
    std::perror(what);
    std::exit(99);
}

std::uint64_t startTime()
{
    std::array<char, 1024> text{};
    const int file = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (file < 0 || ::read(file, text.data(), text.size() - 1) <= 0)
        fail("/proc/self/stat");
    ::close(file);
    const char *at = std::strrchr(text.data(), ')');
    for (int field = 2; field < 22; ++field)
        at = std::strchr(at + 1, ' ');
    return std::strtoull(at, nullptr, 10);
}

/// FNV-1a.
std::uint32_t checksum(std::string_view text)
{
    std::uint32_t sum = 0x811c9dc5;
    for (const char c : text)
        sum = (sum ^ static_cast<unsigned char>(c)) * 0x01000193;
    return sum;
}

class Ledger
{
public:
    explicit Ledger(const std::string &path)
        : m_file(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600))
        , m_start(startTime())
    {
        if (m_file < 0)
            fail(path.c_str());
        flock lock{};
        lock.l_type = F_WRLCK; // ends with this process, however that ends
        record(::fcntl(m_file, F_SETLK, &lock) == 0 ? "RUN" : "TWO", 0);
    }

    std::uint64_t start() const { return m_start; }

    void record(const char (&kind)[4], std::int64_t value)
    {
        Record entry{{}, ::getpid(), m_start, value, now()};
        std::memcpy(entry.kind, kind, sizeof kind);
        if (::write(m_file, &entry, sizeof entry) != ssize_t(sizeof entry))
            fail("ledger");
    }

private:
    int m_file;
    std::uint64_t m_start;
};

class Lines
{
public:
    Lines(Ledger &ledger, std::int64_t last)
        : m_ledger(ledger)
        , m_last(last)
    {}

    bool isOver() const { return m_last > 0 && m_written >= m_last; }

    /// One write of at most `most` lines.
    void write(std::int64_t most)
    {
        std::string batch;
        std::int64_t number = m_written;
        while (number - m_written < most && !(m_last > 0 && number >= m_last)) {
            const std::string line = lineOf(number + 1);
            if (batch.size() + line.size() > maxBatch)
                break;
            batch += line;
            ++number;
        }
        if (::write(STDOUT_FILENO, batch.data(), batch.size()) != ssize_t(batch.size()))
            fail("standard output");
        m_written = number;
        m_ledger.record("OUT", m_written);
    }

private:
    std::string lineOf(std::int64_t number) const
    {
        std::array<char, 96> head{};
        const int length = std::snprintf(head.data(), head.size(), "%d.%llu %lld ", ::getpid(),
                                         static_cast<unsigned long long>(m_ledger.start()),
                                         static_cast<long long>(number));
        std::string line(head.data(), std::size_t(length));
        line.append(std::size_t(number * 7 % 97), char('a' + number % 26));
        std::snprintf(head.data(), head.size(), " %08x\n", checksum(line));
        return line + head.data();
    }

    Ledger &m_ledger;
    std::int64_t m_last;
    std::int64_t m_written = 0;
};

std::int64_t number(std::string_view text)
{
    std::int64_t value = -1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (value < 0)
        fail("usage: ledger FOLDER LINES-PER-SECOND LINES exit:CODE|signal:NUMBER");
    return value;
}

[[noreturn]] void end(Ledger &ledger, std::string_view how)
{
    const std::int64_t value = number(how.substr(how.find(':') + 1));
    if (how.starts_with("exit:")) {
        ledger.record("END", value);
        std::_Exit(int(value));
    }
    ledger.record("END", -value);
    ::signal(int(value), SIG_DFL);
    ::raise(int(value));
    ::_exit(98);
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 5)
        number({});
    const char *const id = std::getenv("PMDAEMON_PROCESS_ID");
    Ledger ledger(arguments[1] + ("/" + std::string(id ? id : "alone")));
    const std::int64_t rate = number(arguments[2]);
    Lines lines(ledger, number(arguments[3]));
    // Some 50 writes a second.
    const std::int64_t batch = rate == 0 ? 64 : std::max<std::int64_t>(rate / 50, 1);
    const timespec pause{0,
                         rate == 0 ? 0 : 1'000'000'000 / std::max<std::int64_t>(rate / batch, 1)};
    while (!lines.isOver()) {
        lines.write(batch);
        if (rate > 0)
            ::nanosleep(&pause, nullptr);
    }
    end(ledger, arguments[4]);
}

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/logs/backwardlines.h"

#include "core/logs/followedfile.h"
#include "core/logs/linesplitter.h"
#include "core/logs/logcompression.h"

#include <QFile>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace pmdaemon {

namespace {

constexpr qint64 blockSize = 64 * 1024;
constexpr int maxFiles = 200; // each takes two descriptors
constexpr qint64 maxInflated = 128 * 1024 * 1024;

bool readAt(int file, char *to, qint64 offset, qint64 count)
{
    while (count > 0) {
        const ssize_t got = ::pread(file, to, std::size_t(count), offset);
        if (got <= 0)
            return false;
        to += got;
        offset += got;
        count -= got;
    }
    return true;
}

} // namespace

BackwardLines::BackwardLines(const QString &path, const std::optional<FilePosition> &end)
{
    openAll(path);
    if (end)
        startAt(*end);
    m_end = m_files.empty() ? 0 : file().end;
}

void BackwardLines::openAll(const QString &path)
{
    // A rotation in between would pair files with the index of another.
    constexpr int attempts = 5;
    for (int attempt = 0; attempt < attempts && !tryOpenAll(path); ++attempt)
        continue;
}

bool BackwardLines::tryOpenAll(const QString &path)
{
    m_files.clear();
    const auto isOpen = [this](quint64 inode) {
        return std::any_of(m_files.begin(), m_files.end(),
                           [inode](const File &file) { return file.inode == inode; });
    };
    const int oldest = std::min(oldestRotated(path), maxFiles);
    for (int n = 0; n <= oldest; ++n) {
        const QString name = rotatedLogFile(path, n);
        UniqueFd descriptor = openLogFile(name);
        const bool isCompressed = !descriptor && n > 0;
        if (isCompressed)
            descriptor = openLogFile(compressedLogFile(name));
        struct stat status;
        if (!descriptor || ::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
            isOpen(status.st_ino))
            continue;
        const qint64 size = isCompressed ? inflatedSize(descriptor.get()) : status.st_size;
        m_files.push_back(
            {std::move(descriptor), status.st_ino, size, LogIndex(name), isCompressed});
    }
    struct stat newest;
    return m_files.empty() || ::lstat(QFile::encodeName(path).constData(), &newest) != 0 ||
           newest.st_ino == m_files.front().inode;
}

/// Everything newer than `end` away.
void BackwardLines::startAt(const FilePosition &end)
{
    const auto found = std::find_if(m_files.begin(), m_files.end(),
                                    [&end](const File &file) { return file.inode == end.inode; });
    m_files.erase(m_files.begin(), found);
    if (!m_files.empty())
        m_files.front().end = std::clamp<qint64>(end.offset, 0, m_files.front().end);
}

void BackwardLines::nextFile()
{
    m_files.erase(m_files.begin());
    m_block.clear();
    m_end = m_files.empty() ? 0 : file().end;
}

/// A compressed one is inflated when its turn comes, and let go of behind it. What is damaged, or
/// would take more memory than a page is worth, ends the log.
bool BackwardLines::inflateFile()
{
    File &current = m_files.front();
    if (!current.isCompressed)
        return true;
    current.isCompressed = false;
    if (current.end <= maxInflated)
        current.descriptor = inflate(current.descriptor.get(), current.end);
    if (current.end <= maxInflated && current.descriptor)
        return true;
    finish();
    return false;
}

void BackwardLines::finish()
{
    m_files.clear();
    m_end = 0;
    m_hasLine = false;
}

FilePosition BackwardLines::position() const
{
    if (!m_hasLine)
        return {};
    return {file().inode, m_lineEnd};
}

bool BackwardLines::next()
{
    while (!m_files.empty() && m_end == 0)
        nextFile();
    m_hasLine = !m_files.empty() && inflateFile();
    if (!m_hasLine)
        return false;
    if (m_block.isEmpty() || m_end <= m_blockStart || m_end > m_blockStart + m_block.size())
        load(m_end - blockSize, m_end);
    if (m_block.isEmpty()) { // cut meanwhile
        finish();
        return false;
    }
    const bool isEnded = m_block[m_end - 1 - m_blockStart] == '\n';
    const qint64 contentEnd = isEnded ? m_end - 1 : m_end;
    const qint64 start = lineStart(contentEnd);
    const qint64 there = std::min(contentEnd, m_blockStart + m_block.size());
    m_line = QByteArrayView(m_block).sliced(start - m_blockStart, std::max(there, start) - start);
    m_time = file().index.timeOf(start);
    m_lineEnd = m_end;
    m_end = start;
    return true;
}

/// Of the line whose content ends at `contentEnd`; its first bytes are in the block afterwards.
qint64 BackwardLines::lineStart(qint64 contentEnd)
{
    for (;;) {
        const void *found =
            ::memrchr(m_block.constData(), '\n', std::size_t(contentEnd - m_blockStart));
        if (found)
            return m_blockStart + (static_cast<const char *>(found) - m_block.constData()) + 1;
        if (m_blockStart == 0)
            return 0;
        if (contentEnd - m_blockStart > maxLineSize) {
            const qint64 start = farLineStart(m_blockStart);
            load(start, std::min(contentEnd, start + maxLineSize + blockSize));
            return start;
        }
        load(contentEnd - 2 * blockSize, contentEnd);
        if (m_block.isEmpty())
            return contentEnd;
    }
}

/// The line goes on before the block: where it begins, with nothing kept of it.
qint64 BackwardLines::farLineStart(qint64 before)
{
    while (before > 0) {
        const qint64 begin = std::max<qint64>(0, before - blockSize);
        load(begin, before);
        const void *found = ::memrchr(m_block.constData(), '\n', std::size_t(m_block.size()));
        if (found)
            return begin + (static_cast<const char *>(found) - m_block.constData()) + 1;
        before = begin;
    }
    return 0;
}

/// Puts [begin, end) into the block; nothing if that is not there.
void BackwardLines::load(qint64 begin, qint64 end)
{
    m_blockStart = std::max<qint64>(0, begin);
    m_block.resize(end - m_blockStart);
    if (!readAt(file().descriptor.get(), m_block.data(), m_blockStart, m_block.size()))
        m_block.clear();
}

qint64 BackwardLines::skipAfter(WallTime until)
{
    qint64 skipped = 0;
    const auto isLater = [this, until](qint64 offset) {
        return file().index.timeOf(offset).value_or(until) > until;
    };
    while (!m_files.empty() && isLater(0)) {
        skipped += m_end;
        nextFile();
    }
    if (m_files.empty() || m_end == 0 || !isLater(m_end - 1) || !inflateFile())
        return skipped;
    // Not later at `from`, later at `to`.
    qint64 from = 0;
    qint64 to = m_end - 1;
    while (to - from > 1) {
        const qint64 middle = from + (to - from) / 2;
        (isLater(middle) ? to : from) = middle;
    }
    const qint64 end = lineEndFrom(from);
    skipped += m_end - end;
    m_end = end;
    return skipped;
}

/// Behind the first line end at or after `offset`.
qint64 BackwardLines::lineEndFrom(qint64 offset) const
{
    QByteArray block(blockSize, Qt::Uninitialized);
    while (offset < m_end) {
        const qint64 count = std::min(blockSize, m_end - offset);
        if (!readAt(file().descriptor.get(), block.data(), offset, count))
            break;
        const qsizetype found = QByteArrayView(block).first(count).indexOf('\n');
        if (found >= 0)
            return offset + found + 1;
        offset += count;
    }
    return m_end;
}

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/processrunner.h"
#include "core/slot/childdescriptors.h"
#include "core/slot/journalrecord.h"
#include "core/slot/textbuffer.h"

#include <QByteArrayList>

#include <optional>
#include <sys/resource.h>
#include <vector>

namespace pmdaemon {

/// What a program is executed with, ready before the fork, so that the child needs no memory.
class ChildProgram
{
public:
    /// What the child writes to `report` when a step fails, before it exits with 127.
    struct Failure
    {
        SpawnStep step = SpawnStep::Exec;
        int code = 0; ///< errno
    };

    /// `openFiles` is the limit (RLIMIT_NOFILE) to give it; none = ours. `added` goes before the
    /// environment of the specification. `channel`: its end of a NodeChannel, or -1.
    ChildProgram(const LaunchSpec &spec, const QByteArrayList &added,
                 std::optional<rlimit> openFiles = {}, int channel = -1);
    ChildProgram(const ChildProgram &) = delete;
    ChildProgram &operator=(const ChildProgram &) = delete;

    /// In the child: a session of its own, default signal dispositions and mask, the working
    /// directory, `in`, `out` and `err` as standard streams (-1 = /dev/null), the sockets of the
    /// specification, no other descriptor, and exec. Raw system calls only: after vfork it runs in
    /// the parent's memory on a small stack. `report` is close-on-exec. Never returns.
    [[noreturn]] void execute(int in, int out, int err, int report);

private:
    QByteArray m_path;
    QByteArray m_folder;
    QByteArrayList m_strings; ///< owns what the two vectors point to
    std::vector<char *> m_arguments;
    std::vector<char *> m_environment;
    std::vector<int> m_sockets;
    ChildDescriptors m_descriptors;
    TextBuffer<32> m_listenPid; ///< its environment variable, which the child completes
    std::optional<rlimit> m_openFiles;
    LaunchLimits m_limits;
};

/// The errno of a QProcess that could not fork, from its words: it tells no more. 0 = another
/// reason.
int whyNotForked(const QString &words);

/// The step that a shim calls by this word; Spec for all that have to do with its slot.
SpawnStep spawnStep(QByteArrayView word);

/// StartFailed for a failed step, in words that say what is wrong with the specification.
Error startError(const LaunchSpec &spec, SpawnStep step, int code);

/// Whether what it tells of may be better soon.
bool isShortage(const Error &error);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/textbuffer.h"
#include "core/slot/uniquefd.h"

#include <stddef.h>
#include <stdint.h>

namespace pmdaemon {

// What a program and its supervisor say to each other beside its output.

/// "NOTIFY_SOCKET=@…", for the environment; what follows the @ names a socket in the abstract
/// namespace, so that programs of other users reach it too.
using NotifyVariable = TextBuffer<64>;

/// The socket of sd_notify(3). Its name is a secret of 16 bytes, so that a successor listens at the
/// same one.
class NotifySocket
{
public:
    static constexpr size_t SecretSize = 16;

    /// 0 or an errno.
    int open(const uint8_t (&secret)[SecretSize]);
    /// Goes on with one that another program opened.
    void take(UniqueFd socket, const uint8_t (&secret)[SecretSize]);
    void close() { m_socket.reset(); }
    int descriptor() const { return m_socket.get(); }
    const NotifyVariable &variable() const { return m_variable; }
    /// Reads all that has come: whether READY=1 was said by this user, root or ourselves.
    bool takeReady(uint32_t user);

private:
    void setName(const uint8_t (&secret)[SecretSize]);

    UniqueFd m_socket;
    NotifyVariable m_variable;
};

/// The channel of Node's child_process.fork() with its JSON serialization: a stream socket, whose
/// messages are lines. Its other end is the child's, at the number that NODE_CHANNEL_FD says.
class NodeChannel
{
public:
    /// 0 or an errno.
    int open();
    /// Goes on with one that another program opened.
    void take(UniqueFd fd) { m_ours = static_cast<UniqueFd &&>(fd); }
    void close();
    void closeChildEnd() { m_childs.reset(); }
    int descriptor() const { return m_ours.get(); }
    int childEnd() const { return m_childs.get(); }

    /// Reads what has come: whether the message "ready" was in it. Closes itself when the child
    /// has.
    bool takeReady();
    /// Sends the message "shutdown"; false where nobody can get it.
    bool sendShutdown() const;

private:
    UniqueFd m_ours;
    UniqueFd m_childs;
    char m_line[16]; ///< the beginning of the last one, as far as it matters
    size_t m_length = 0;
};

} // namespace pmdaemon

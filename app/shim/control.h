// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/childdescriptors.h"
#include "core/slot/journal.h"
#include "core/slot/shimprotocol.h"

#include <poll.h>
#include <sys/socket.h>

namespace pmdaemon {

/// What a request wants; the payload is as long as its type says.
struct ShimRequest
{
    ShimMessage type;
    const char *payload;
    uint32_t length;
    UniqueFd *descriptors; ///< that came with it, to be taken
    int descriptorCount;
};

class Shim;

/// The shim's socket and those who are connected. Nobody can hold the shim up: records are read
/// from the journal when there is room for them, and a request is read when the one before it is
/// answered.
class ControlSocket
{
public:
    static constexpr int MaxConnections = 4;
    static constexpr int MaxPolls = MaxConnections + 1;

    /// Both outlive this; the shim answers the requests.
    ControlSocket(Journal &journal, Shim &shim)
        : m_journal(journal)
        , m_shim(shim)
    {}

    /// Listens at the path; 0 or an errno.
    int listen(const char *path);
    /// Goes on with a socket that listens.
    void listen(UniqueFd listener) { m_listener = static_cast<UniqueFd &&>(listener); }
    void close();

    void fillPolls(pollfd *polls) const;
    /// When it wants to be woken up, or 0.
    int64_t wakeAt() const { return m_acceptAt; }
    void onTimer(int64_t now);
    void onPolls(const pollfd *polls);
    /// Sends what there is to send.
    void flush();

    // For handing connections on to another program.
    struct HandedOn
    {
        int fd = -1;
        uint64_t seq = 0;
        bool subscribed = false;
        int tag = -1; ///< of the request that is to be answered; -1 = none
    };
    int listener() const { return m_listener.get(); }
    /// fd -1: there is nothing to hand on. The one that asks for it has its tag.
    HandedOn handOn(int connection, int asking) const;
    void take(const HandedOn &connection);

private:
    static constexpr size_t MaxRequest = 4096 + sizeof(ShimFrame);
    static constexpr size_t RecordsPerFrame = 16;
    static constexpr size_t MaxReply =
        2 * sizeof(ShimFrame) + RecordsPerFrame * sizeof(JournalRecord) + sizeof(ShimState);

    struct Connection
    {
        UniqueFd fd;
        JournalCursor cursor;
        uint64_t until = 0; ///< records up to there were asked for
        bool subscribed = false;
        uint16_t tag = 0;    ///< of the last request
        bool hasAck = false; ///< which is to be sent behind all records there are
        int32_t ackCode = 0;
        int64_t lastHeard = 0;
        size_t inLength = 0;
        UniqueFd descriptors[maxChildSockets]; ///< that have come, of the next request
        int descriptorCount = 0;
        size_t outBegin = 0;
        size_t outEnd = 0;

        bool wantsRecords() const { return subscribed || until > 0; }
    };

    /// Apart, so that those who are not connected take no memory.
    struct Buffers
    {
        char out[MaxReply];
        char in[MaxRequest];
    };

    void accept();
    Connection *place();
    Buffers &buffersOf(const Connection &connection)
    {
        return m_buffers[&connection - m_connections];
    }
    void read(Connection &connection);
    static void takeDescriptors(Connection &connection, msghdr &message);
    static void dropDescriptors(Connection &connection);
    bool answerNext(Connection &connection);
    int answer(Connection &connection, const ShimRequest &request);
    void flush(Connection &connection);
    bool send(Connection &connection);
    bool putRecords(Connection &connection);
    void put(Connection &connection, ShimMessage type, uint16_t tag, const void *payload,
             size_t length);
    static void drop(Connection &connection);

    Journal &m_journal;
    Shim &m_shim;
    UniqueFd m_listener;
    int64_t m_acceptAt = 0; ///< not before; 0 = at once
    Connection m_connections[MaxConnections];
    Buffers m_buffers[MaxConnections];
};

} // namespace pmdaemon

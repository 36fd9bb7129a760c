// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/slot/childdescriptors.h"
#include "core/slot/journalrecord.h"
#include "core/slot/shimprotocol.h"
#include "core/slot/uniquefd.h"

#include <QByteArray>
#include <QObject>
#include <QQueue>
#include <QSocketNotifier>

#include <memory>
#include <utility>
#include <vector>

namespace pmdaemon {

/// The daemon's end of the connection to one shim: frames in and out, nothing decided. There are as
/// many as processes, so it is a descriptor and little else.
class ShimLink : public QObject
{
    Q_OBJECT

public:
    explicit ShimLink(QObject *parent = nullptr);
    ~ShimLink() override;

    /// connected() or lost() follows, from the event loop. Only while not active.
    void open(const QString &socket);
    bool isOpen() const { return m_isReady; }
    /// Open, or about to be.
    bool isActive() const { return m_isReady || m_isOpening; }
    /// Without lost().
    void close();

    /// Requests are answered in order. Only while open.
    void request(ShimMessage type, QByteArrayView payload = {});
    template <typename Payload>
    void request(ShimMessage type, const Payload &payload)
    {
        request(type, QByteArrayView(reinterpret_cast<const char *>(&payload), sizeof payload));
    }

    /// Likewise, with descriptors, at most maxChildSockets.
    using Descriptors = std::vector<std::shared_ptr<const UniqueFd>>;
    void request(ShimMessage type, Descriptors descriptors);

signals:
    void connected();
    void record(const pmdaemon::JournalRecord &record);
    void state(const pmdaemon::ShimState &state);
    /// `code` is an errno; 0 = done.
    void acknowledged(pmdaemon::ShimMessage request, int code, quint64 lastSeq);
    /// It could not be opened, has ended, or the other end is not who it should be.
    void lost();

private:
    void onOpened();
    void onReadable();
    void send();
    qint64 sendSome();
    bool takeFrames();
    bool take(ShimMessage type, QByteArrayView payload);
    void fail(const char *why);

    UniqueFd m_socket;
    std::unique_ptr<QSocketNotifier> m_readable;
    std::unique_ptr<QSocketNotifier> m_writable; ///< while something waits to be sent
    QByteArray m_in;
    QByteArray m_out;
    QByteArray m_held; ///< until Upgrade is acknowledged
    /// Descriptors that go with the byte at that place of m_out and m_held taken together.
    std::vector<std::pair<qsizetype, Descriptors>> m_attached;
    QQueue<ShimMessage> m_pending;
    bool m_isOpening = false;
    bool m_isReady = false;
};

} // namespace pmdaemon

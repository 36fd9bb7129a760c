// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>
#include <QString>

#include <memory>

namespace pmdaemon {

/// Reads the answer to one GET (RFC 9112) from the pieces in which it comes: the status, and what
/// the body begins with. Interim answers (1xx) are passed over; what follows the answer is not
/// looked at.
class HttpResponse
{
public:
    enum class State {
        Incomplete, ///< wants more
        Complete,   ///< status() and body() are what they will be
        Broken,     ///< no answer by the rules, or one that ended too early: error()
    };
    static constexpr qsizetype MaxBody = 64 * 1024; ///< a longer body counts as complete there

    HttpResponse();
    ~HttpResponse();

    State feed(const QByteArray &bytes);
    /// The connection was closed by the other side.
    State end();

    /// 0 until the head is complete.
    int status() const;
    QByteArrayView body() const;
    QString error() const { return m_error; } ///< in the words of the parser, in English

private:
    struct Parser;

    State parse();
    State broken(const std::string &error);

    std::unique_ptr<Parser> m_parser;
    QByteArray m_unread; ///< a head that is not complete, or a piece of a body's frame
    QByteArray m_body;   ///< as large as it may get
    QString m_error;
};

} // namespace pmdaemon

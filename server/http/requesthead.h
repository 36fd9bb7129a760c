// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

namespace pmdaemon {

/// A refusal in the terms of HTTP.
struct HttpProblem
{
    int status = 400;
    QString message;

    bool operator==(const HttpProblem &) const = default;
};

/// The head of one HTTP/1.x request: complete, well formed, within the limits.
struct RequestHead
{
    struct Field
    {
        QByteArray name; ///< in lower case
        QByteArray value;

        bool operator==(const Field &) const = default;
    };

    QByteArray method; ///< upper case as sent
    QString path;      ///< decoded, begins with '/', without "." and ".." parts
    QByteArray query;  ///< as sent, without the '?'
    QList<Field> fields;
    qint64 contentLength = 0;
    bool chunked = false;
    qsizetype size = 0; ///< bytes, with the empty line

    /// The first field of that name (given in lower case), else empty.
    QByteArray field(QByteArrayView name) const;
    bool has(QByteArrayView name) const;
    /// Whether the comma-separated list in `name` holds `token`, without regard to case.
    bool lists(QByteArrayView name, QByteArrayView token) const;
    bool hasBody() const { return contentLength > 0 || chunked; }
};

/// Reads a head from a buffer that grows at its end. Strict: what RFC 9112 lets a server repair is
/// refused, so that nothing in front of us can read a request differently.
class HeadReader
{
public:
    static constexpr qsizetype MaxLine = 8 * 1024;
    static constexpr qsizetype MaxSize = 16 * 1024;
    static constexpr int MaxFields = 64;

    enum class State { Incomplete, Complete, Refused };

    /// `buffer` is everything received so far. Once Complete or Refused it stays so.
    State read(QByteArrayView buffer);
    const RequestHead &head() const { return m_head; }
    const HttpProblem &problem() const { return m_problem; }

private:
    State refuse(int status, const QString &message);
    std::optional<qsizetype> scan(QByteArrayView buffer);
    void parse(QByteArrayView head);
    void splitTarget(const QByteArray &target);

    State m_state = State::Incomplete;
    qsizetype m_scanned = 0;
    qsizetype m_lineStart = 0;
    int m_lines = 0;
    RequestHead m_head;
    HttpProblem m_problem;
};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/result.h"

#include <QVariant>

#include <memory>

class QSqlDriver;
class QSqlQuery;
class QThread;

namespace pmdaemon {

/// Why a state database cannot be used, where that is a property of the database and not of the
/// machine: `details` {state: "damaged" or "future"}.
Error damagedError(const QString &message);
Error futureError(const QString &message);
bool isDamage(const Error &error);
bool isFuture(const Error &error);

/// What comes back when `value` was written: half a surrogate pair does not, and a null text is "".
QVariant asStored(const QVariant &value);

/// A prepared statement.
class Statement
{
public:
    Statement(std::shared_ptr<QSqlQuery> query, QString path)
        : m_query(std::move(query))
        , m_path(std::move(path))
    {}

    /// With asStored() of the values.
    Result<void> run(const QVariantList &values = {});
    /// The next row, if there is one.
    Result<bool> next();
    QVariant value(int column) const;
    QString text(int column) const { return value(column).toString(); }
    qint64 number(int column) const { return value(column).toLongLong(); }
    double real(int column) const { return value(column).toDouble(); }

private:
    std::shared_ptr<QSqlQuery> m_query;
    QString m_path; ///< for errors
};

/// One connection to an SQLite file, which it locks for itself alone. For one thread at a time.
/// StorageFull for what the disk or the system refuses; damage is told by isDamage().
class Database
{
public:
    /// Does not look at the file yet, which must exist.
    static Result<std::unique_ptr<Database>> open(const QString &path);
    /// Closes it. SQLite moves its log into it, unless the file has another name by then.
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// Takes the file for itself; comes before all else. AlreadyRunning if another program has it.
    Result<void> settle();
    Result<Statement> prepare(const QString &sql);
    /// One statement; its rows are not looked at.
    Result<void> run(const QString &sql, const QVariantList &values = {});
    /// Calls `visit(const Statement &)` for each row.
    template <typename Visit>
    Result<void> forEach(const QString &sql, const QVariantList &values, Visit visit)
    {
        Result<Statement> statement = prepare(sql);
        if (!statement)
            return tl::unexpected(statement.error());
        Result<bool> more = statement->run(values).and_then([&] { return statement->next(); });
        for (; more && *more; more = statement->next())
            visit(std::as_const(*statement));
        return more.map([](bool) {});
    }
    /// The first column of the last row; null without one.
    Result<QVariant> value(const QString &sql, const QVariantList &values = {});
    /// All of `work` or, if it fails, nothing of it.
    template <typename Work>
    Result<void> transaction(Work work)
    {
        Result<void> result =
            run(QStringLiteral("BEGIN IMMEDIATE")).and_then(work).and_then([this] {
                return run(QStringLiteral("COMMIT"));
            });
        if (!result)
            static_cast<void>(run(QStringLiteral("ROLLBACK")));
        return result;
    }

    const QString &path() const { return m_path; }
    void moveToThread(QThread *thread);

private:
    Database(std::unique_ptr<QSqlDriver> driver, QString path);

    std::unique_ptr<QSqlDriver> m_driver;
    QString m_path;
};

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/state/database.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QPluginLoader>
#include <QSqlDriver>
#include <QSqlDriverPlugin>
#include <QSqlError>
#include <QSqlQuery>

#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// Of sqlite3.h; the codes are part of the file format's stable interface.
enum PrimaryCode { Generic = 1, Busy = 5, Locked = 6, Corrupt = 11, NotADatabase = 26 };
enum Environment {
    Permission = 3,
    NoMemory = 7,
    ReadOnly = 8,
    Io = 10,
    Full = 13,
    CannotOpen = 14
};

QString tr(const char *text)
{
    return QCoreApplication::translate("StateStore", text);
}

Error toError(const QSqlError &error, const QString &path)
{
    const QString words =
        error.databaseText().isEmpty() ? error.driverText() : error.databaseText();
    const QString message = "%1: %2"_L1.arg(path, words);
    switch (error.nativeErrorCode().toInt() & 0xff) { // the rest tells variants apart
    case Generic: // "no such column": its own tables are not there as they were made
    case Corrupt:
    case NotADatabase:
        return damagedError(message);
    case Busy:
    case Locked:
        return {ErrorCode::AlreadyRunning,
                tr("%1: another program has this database open; end it first").arg(path)};
    case Permission:
    case NoMemory:
    case ReadOnly:
    case Io:
    case Full:
    case CannotOpen:
        return {ErrorCode::StorageFull,
                tr("%1: the state cannot be stored (%2); make room on the disk, or see why it "
                   "refuses. It is tried again until it succeeds")
                    .arg(path, words)};
    default:
        return {ErrorCode::Internal, message};
    }
}

Error errorOf(const QSqlQuery &query, const QString &path)
{
    return toError(query.lastError(), path);
}

/// The driver is a plugin, and the daemon empties Qt's library paths to keep OpenSSL out.
std::unique_ptr<QSqlDriver> makeDriver()
{
    QPluginLoader loader(QLibraryInfo::path(QLibraryInfo::PluginsPath) +
                         "/sqldrivers/libqsqlite.so"_L1);
    auto *plugin = qobject_cast<QSqlDriverPlugin *>(loader.instance());
    return std::unique_ptr<QSqlDriver>(plugin ? plugin->create(u"QSQLITE"_s) : nullptr);
}

} // namespace

Error damagedError(const QString &message)
{
    return {ErrorCode::Internal, message, {{u"state"_s, u"damaged"_s}}};
}

Error futureError(const QString &message)
{
    return {ErrorCode::Internal, message, {{u"state"_s, u"future"_s}}};
}

bool isDamage(const Error &error)
{
    return error.details["state"_L1] == "damaged"_L1;
}

bool isFuture(const Error &error)
{
    return error.details["state"_L1] == "future"_L1;
}

QVariant asStored(const QVariant &value)
{
    if (value.metaType() != QMetaType::fromType<QString>())
        return value;
    const QString text = QString::fromUtf8(value.toString().toUtf8());
    return text.isNull() ? u""_s : text;
}

Result<void> Statement::run(const QVariantList &values)
{
    for (int i = 0; i < values.size(); ++i)
        m_query->bindValue(i, asStored(values[i]));
    if (!m_query->exec())
        return tl::unexpected(errorOf(*m_query, m_path));
    return {};
}

Result<bool> Statement::next()
{
    if (m_query->next())
        return true;
    if (m_query->lastError().isValid())
        return tl::unexpected(errorOf(*m_query, m_path));
    return false;
}

QVariant Statement::value(int column) const
{
    return m_query->value(column);
}

Database::Database(std::unique_ptr<QSqlDriver> driver, QString path)
    : m_driver(std::move(driver))
    , m_path(std::move(path))
{}

Database::~Database()
{
    m_driver->close();
}

Result<std::unique_ptr<Database>> Database::open(const QString &path)
{
    std::unique_ptr<QSqlDriver> driver = makeDriver();
    if (!driver) {
        return fail(ErrorCode::StartFailed,
                    tr("Qt's driver for SQLite is missing; install libqt6sql6-sqlite"));
    }
    const QString options = u"QSQLITE_BUSY_TIMEOUT=500"_s;
    if (!driver->open(path, {}, {}, {}, -1, options))
        return tl::unexpected(toError(driver->lastError(), path));
    return std::unique_ptr<Database>(new Database(std::move(driver), path));
}

Result<void> Database::settle()
{
    // Alone, SQLite keeps the index of the write-ahead log in memory instead of in a third file.
    constexpr std::array settings{
        "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA synchronous = FULL",
        "PRAGMA cache_size = -128",        "PRAGMA temp_store = MEMORY",
        "PRAGMA wal_autocheckpoint = 256", "PRAGMA journal_size_limit = 1048576",
        "PRAGMA cell_size_check = ON",     "PRAGMA trusted_schema = OFF",
    };
    for (const char *setting : settings) {
        if (Result<void> done = run(QString::fromLatin1(setting)); !done)
            return done;
    }
    return run(u"SELECT count(*) FROM sqlite_schema"_s); // locks are taken when they are needed
}

Result<Statement> Database::prepare(const QString &sql)
{
    auto query = std::make_shared<QSqlQuery>(m_driver->createResult());
    query->setForwardOnly(true);
    if (!query->prepare(sql))
        return tl::unexpected(errorOf(*query, m_path));
    return Statement(std::move(query), m_path);
}

Result<void> Database::run(const QString &sql, const QVariantList &values)
{
    return prepare(sql).and_then(
        [&values](Statement &&statement) { return statement.run(values); });
}

Result<QVariant> Database::value(const QString &sql, const QVariantList &values)
{
    QVariant first;
    return forEach(sql, values, [&first](const Statement &row) { first = row.value(0); })
        .map([&first] { return first; });
}

void Database::moveToThread(QThread *thread)
{
    m_driver->moveToThread(thread);
}

} // namespace pmdaemon

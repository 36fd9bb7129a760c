// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/namedtokens.h"
#include "core/config/rundirectory.h"
#include "tests/support/comparenames.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

NamedToken named(const QString &name, Role role = Role::Read)
{
    return {name, role, {}, WallTime{milliseconds{1'000}}, {}, false};
}

mode_t modeOf(const QString &path)
{
    struct stat info;
    return ::stat(QFile::encodeName(path).constData(), &info) == 0 ? info.st_mode & 0777 : 0;
}

} // namespace

class TestNamedTokens : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }

    void keepsWhatWasGivenOutButTheTokenItself()
    {
        NamedToken ci = named(u"ci"_s, Role::Control);
        ci.expiresAt = WallTime{milliseconds{5'000}};
        const Result<QByteArray> token = createNamedToken(m_home->path(), ci);
        QVERIFY(token && isWellFormedToken(*token));
        QVERIFY(createNamedToken(m_home->path(), named(u"a.b"_s)));
        ci.digest = tokenDigest(*token);
        const QList<NamedToken> kept = read();
        QCOMPARE(kept.size(), 2);
        QCOMPARE(kept[0].name, u"a.b"_s);
        QVERIFY(kept[1] == ci);
        const QString path = namedTokenFolder(m_home->path()) + u"/ci.json"_s;
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(!file.readAll().contains(*token));
        QCOMPARE(modeOf(path), 0600);
        QCOMPARE(modeOf(namedTokenFolder(m_home->path())), 0700);
    }

    void refusesNames_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"", "../ci", "a b", "a/b"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void refusesNames()
    {
        QFETCH(QString, name);
        QCOMPARE(createNamedToken(m_home->path(), named(name)).error().code,
                 ErrorCode::InvalidConfig);
        QCOMPARE(revokeNamedToken(m_home->path(), name).error().code, ErrorCode::NotFound);
    }

    void aNameIsTakenUntilItIsRevoked()
    {
        QVERIFY(createNamedToken(m_home->path(), named(u"ci"_s)));
        QCOMPARE(createNamedToken(m_home->path(), named(u"ci"_s)).error().code,
                 ErrorCode::AlreadyExists);
        QVERIFY(revokeNamedToken(m_home->path(), u"ci"_s));
        QVERIFY(read().isEmpty());
        QCOMPARE(revokeNamedToken(m_home->path(), u"ci"_s).error().code, ErrorCode::NotFound);
        QVERIFY(createNamedToken(m_home->path(), named(u"ci"_s)));
    }

    void usesNothingThatOthersCouldHaveWritten()
    {
        for (const QString &name : {u"open"_s, u"torn"_s, u"link"_s, u"good"_s})
            QVERIFY(createNamedToken(m_home->path(), named(name)));
        const QString folder = namedTokenFolder(m_home->path());
        QVERIFY(::chmod(QFile::encodeName(folder + u"/open.json"_s).constData(), 0644) == 0);
        QVERIFY(QFile::resize(folder + u"/torn.json"_s, 20));
        QVERIFY(QFile::rename(folder + u"/link.json"_s, m_home->filePath(u"link.json"_s)));
        QVERIFY(QFile::link(m_home->filePath(u"link.json"_s), folder + u"/link.json"_s));
        QStringList problems;
        const QList<NamedToken> kept = readNamedTokens(m_home->path(), problems);
        QCOMPARE(kept.size(), 1);
        QCOMPARE(kept[0].name, u"good"_s);
        QCOMPARE(problems.size(), 3);
        QVERIFY2(problems[1].contains("open.json"_L1) && problems[1].contains("chmod 600"_L1),
                 qPrintable(problems[1]));
    }

    void refusesAFolderThatOthersCanEnter()
    {
        QVERIFY(::mkdir(QFile::encodeName(namedTokenFolder(m_home->path())).constData(), 0755) ==
                0);
        QVERIFY(!createNamedToken(m_home->path(), named(u"ci"_s)));
    }

private:
    QList<NamedToken> read() const
    {
        QStringList problems;
        const QList<NamedToken> kept = readNamedTokens(m_home->path(), problems);
        return problems.isEmpty() ? kept : QList<NamedToken>{};
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

QTEST_GUILESS_MAIN(TestNamedTokens)
#include "tst_namedtokens.moc"

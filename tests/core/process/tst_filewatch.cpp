// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/filewatch.h"
#include "core/process/watchrestart.h"
#include "tests/support/comparenames.h"
#include "tests/support/supervisorstage.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>

#include <algorithm>

using namespace pmdaemon;
using namespace pmdaemon::test;
using namespace Qt::Literals::StringLiterals;

class TestFileWatch : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FileWatch> m_watch;
    std::unique_ptr<QSignalSpy> m_changes;

    QString path(const QString &name) const { return m_folder->filePath(name); }

    void write(const QString &name, const QByteArray &text = "x")
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

    void watch(FileWatch::Scope scope, milliseconds delay = milliseconds{0})
    {
        if (scope.paths.isEmpty())
            scope.paths = {m_folder->path()};
        scope.delay = delay;
        m_watch = std::make_unique<FileWatch>(scope);
        QSignalSpy watching(m_watch.get(), &FileWatch::watching);
        QVERIFY(watching.wait());
        m_changes = std::make_unique<QSignalSpy>(m_watch.get(), &FileWatch::changed);
    }

    /// Whether the change of that file is told: the kernel says what it has to at once, and the
    /// delay is 0.
    bool tells(const std::function<void()> &change, const QString &changed)
    {
        m_changes->clear();
        change();
        SupervisorStage::settle();
        return std::any_of(m_changes->cbegin(), m_changes->cend(),
                           [&](const auto &told) { return told[0].toString() == path(changed); });
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        m_watch.reset();
        m_folder.reset();
    }

    void tellsOfEachKindOfChange()
    {
        QVERIFY(QDir(m_folder->path()).mkpath(u"src/deep"_s));
        write(u"src/deep/old"_s);
        watch({});
        QVERIFY(tells([this] { write(u"new"_s); }, u"new"_s));
        QVERIFY(tells([this] { write(u"src/deep/old"_s); }, u"src/deep/old"_s));
        QVERIFY(tells([this] { QFile::rename(path(u"new"_s), path(u"src/b"_s)); }, u"src/b"_s));
        QVERIFY(tells([this] { QFile::remove(path(u"src/b"_s)); }, u"src/b"_s));
    }

    void seesFoldersThatAppearLater()
    {
        watch({});
        QVERIFY(tells([this] { QDir(m_folder->path()).mkpath(u"a/b"_s); }, u"a"_s));
        QTRY_VERIFY(!m_watch->isLooking());
        QVERIFY(tells([this] { write(u"a/b/file"_s); }, u"a/b/file"_s));
    }

    void seesWhatIsInAWatchedFolderThatAppearsLater()
    {
        watch({.paths = {path(u"dist"_s)}, .ignored = {}, .excluded = {}});
        QVERIFY(tells([this] { QDir(m_folder->path()).mkpath(u"dist/js"_s); }, u"dist"_s));
        QTRY_VERIFY(!m_watch->isLooking());
        QVERIFY(tells([this] { write(u"dist/js/file"_s); }, u"dist/js/file"_s));
        QVERIFY(!tells([this] { write(u"other"_s); }, u"other"_s));
    }

    void followsAFolderToItsNewName()
    {
        QVERIFY(QDir(m_folder->path()).mkpath(u"src/deep"_s));
        QVERIFY(QDir(m_folder->path()).mkpath(u"lib"_s));
        watch({});
        QVERIFY(tells([this] { QFile::rename(path(u"src"_s), path(u"lib/src"_s)); }, u"lib/src"_s));
        QTRY_VERIFY(!m_watch->isLooking());
        QVERIFY(tells([this] { write(u"lib/src/deep/a"_s); }, u"lib/src/deep/a"_s));
        const QTemporaryDir elsewhere;
        const QString away = elsewhere.filePath(u"src"_s);
        QVERIFY(tells([&] { QFile::rename(path(u"lib/src"_s), away); }, u"lib/src"_s));
        QFile file(away + u"/deep/b"_s);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        m_changes->clear();
        SupervisorStage::settle();
        QVERIFY(m_changes->isEmpty());
    }

    void isOneChangeHoweverMuchHappensAtOnce()
    {
        watch({});
        for (int i = 0; i < 100; ++i)
            write(QString::number(i));
        QTRY_COMPARE(m_changes->size(), 1);
        SupervisorStage::settle();
        QCOMPARE(m_changes->size(), 1);
    }

    void tellsOfWhatNeverComesToRest()
    {
        watch({}, milliseconds{100});
        QTimer writer;
        connect(&writer, &QTimer::timeout, this, [this] { write(u"log"_s); });
        writer.start(10);
        QTRY_VERIFY_WITH_TIMEOUT(!m_changes->isEmpty(), 60'000);
    }

    void leavesOutWhatIsIgnored_data()
    {
        QTest::addColumn<QStringList>("ignored");
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("counts");
        QTest::newRow("nothing") << QStringList() << u"src/a.js"_s << true;
        QTest::newRow("name") << QStringList{u"a.js"_s} << u"src/a.js"_s << false;
        QTest::newRow("pattern") << QStringList{u"*.log"_s} << u"src/a.log"_s << false;
        QTest::newRow("another") << QStringList{u"*.log"_s} << u"src/a.js"_s << true;
        QTest::newRow("folder") << QStringList{u"node_modules"_s} << u"node_modules/x/a.js"_s
                                << false;
        QTest::newRow("folder's path") << QStringList{u"src/gen"_s} << u"src/gen/a.js"_s << false;
        QTest::newRow("path elsewhere") << QStringList{u"gen/a.js"_s} << u"src/gen/a.js"_s << true;
        QTest::newRow("PM2's way") << QStringList{u"./src/gen/**"_s} << u"src/gen/a.js"_s << false;
        QTest::newRow("anywhere") << QStringList{u"**/gen"_s} << u"src/gen/a.js"_s << false;
    }

    void leavesOutWhatIsIgnored()
    {
        QFETCH(QStringList, ignored);
        QFETCH(QString, file);
        QFETCH(bool, counts);
        QVERIFY(QDir(m_folder->path()).mkpath(QFileInfo(file).path()));
        watch({.paths = {}, .ignored = ignored, .excluded = {}});
        QCOMPARE(tells([this, file] { write(file); }, file), counts);
    }

    void leavesOutWhatIsExcluded()
    {
        watch({.paths = {}, .ignored = {}, .excluded = {path(u"out.log"_s)}});
        QVERIFY(!tells([this] { write(u"out.log"_s); }, u"out.log"_s));
        QVERIFY(!tells([this] { write(u"out.log.1"_s); }, u"out.log.1"_s)); // rotated
        QVERIFY(tells([this] { write(u"out"_s); }, u"out"_s));
        QVERIFY(tells([this] { write(u"out.logic"_s); }, u"out.logic"_s));
    }

    void watchesASingleFile()
    {
        write(u"settings"_s);
        watch({.paths = {path(u"settings"_s)}, .ignored = {}, .excluded = {}});
        QVERIFY(!tells([this] { write(u"other"_s); }, u"other"_s));
        write(u"next"_s);
        // As editors do.
        QVERIFY(tells(
            [this] {
                QVERIFY(QFile::remove(path(u"settings"_s)));
                QVERIFY(QFile::rename(path(u"next"_s), path(u"settings"_s)));
            },
            u"settings"_s));
        QVERIFY(tells([this] { write(u"settings"_s); }, u"settings"_s));
    }

    void restartsTheAppUntilItIsStopped()
    {
        SupervisorStage stage;
        ProcessSpec spec = stage.spec(u"web"_s);
        spec.watch.emplace(QStringList{m_folder->path()});
        spec.watchDelay = milliseconds{0};
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QTRY_VERIFY([&] { // its folder is watched a little later
            write(u"a"_s);
            stage.settle();
            return stage.runners.of(u"web"_s)->starts >= 2;
        }());
        QVERIFY(stage.journal.of(u"web"_s).contains(u"!restarted"_s));
        QCOMPARE(stage.journal.lastDetails()["reason"_L1], QJsonValue(u"watch"_s));
        QVERIFY(stage.answer(Action::Stop, u"web"_s));
        const int starts = stage.runners.of(u"web"_s)->starts;
        watch({});
        QVERIFY(tells([this] { write(u"b"_s); }, u"b"_s)); // there was something to see
        QCOMPARE(stage.runners.of(u"web"_s)->starts, starts);
    }

    void doesNotWatchTheWholeMachine()
    {
        SupervisorStage stage;
        ProcessSpec spec = stage.spec(u"web"_s);
        spec.cwd = u"/"_s;
        spec.watch.emplace();
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QStringList reasons;
        for (const ProcessEvent &event : std::as_const(stage.journal.events)) {
            if (event.kind == ProcessEvent::Kind::WatchSuspended)
                reasons.append(event.details["reason"_L1].toString());
        }
        QCOMPARE(reasons.size(), 1);
        QVERIFY2(reasons[0].contains("cwd"_L1), qPrintable(reasons[0]));
    }

    void givesUpOnAnAppThatChangesItsOwnFiles()
    {
        SupervisorStage stage;
        ProcessSpec spec = stage.spec(u"web"_s);
        spec.watch.emplace(QStringList{m_folder->path()});
        spec.watchDelay = milliseconds{1};
        connect(&stage.supervisor, &Supervisor::happened, this, [this](const ProcessEvent &event) {
            if (event.kind == ProcessEvent::Kind::Restarted)
                write(u"state"_s);
        });
        QVERIFY(stage.answer(stage.executor.apply(spec)));
        QTRY_VERIFY([&] {
            if (stage.runners.of(u"web"_s)->starts == 1)
                write(u"state"_s);
            stage.settle();
            return stage.journal.of(u"web"_s).contains(u"!watch_suspended"_s);
        }());
        QCOMPARE(stage.runners.of(u"web"_s)->starts, 1 + WatchRestart::MaxRestartsInRow);
        QCOMPARE(stage.journal.lastDetails()["path"_L1], QJsonValue(path(u"state"_s)));
        QCOMPARE(stage.status(u"web"_s), ProcessStatus::Online);
    }
};

QTEST_GUILESS_MAIN(TestFileWatch)
#include "tst_filewatch.moc"

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/logs/logview.h"
#include "gui/processes/format.h"
#include "gui/processes/processview.h"
#include "gui/window/actionpolicy.h"
#include "gui/window/banner.h"
#include "gui/window/mainwindow.h"
#include "gui/window/statusline.h"
#include "tests/support/fakebackend.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextDocument>
#include <QTranslator>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestMainWindow : public QObject
{
    Q_OBJECT

private:
    struct Fixture
    {
        QTemporaryDir folder;
        QSettings settings{folder.filePath(u"settings.ini"_s), QSettings::IniFormat};
        FakeBackend backend;
        std::unique_ptr<MainWindow> window;

        explicit Fixture(bool ownsProcesses = false)
        {
            for (const int id : {1, 2, 3})
                backend.add(FakeBackend::entry(id, u"worker-%1"_s.arg(id)));
            open(ownsProcesses);
        }
        void open(bool ownsProcesses = false)
        {
            window =
                std::make_unique<MainWindow>(backend,
                                             MainWindow::Options{.host = u"prod-1"_s,
                                                                 .canRetry = true,
                                                                 .ownsProcesses = ownsProcesses,
                                                                 .emptyText = u"none"_s},
                                             settings);
            window->show();
        }
        template <typename T>
        T *find(const char *name)
        {
            return window->findChild<T *>(QString::fromLatin1(name));
        }
        void select(std::initializer_list<int> ids)
        {
            auto *view = find<ProcessView>("processView");
            view->clearSelection();
            for (const int id : ids) {
                view->selectionModel()->select(view->model()->index(id - 1, 0),
                                               QItemSelectionModel::Select |
                                                   QItemSelectionModel::Rows);
            }
        }
    };

private slots:
    void initTestCase()
    {
        auto *english = new QTranslator(this);
        QVERIFY(english->load(u":/i18n/app_en.qm"_s));
        QCoreApplication::installTranslator(english);
    }

    void watchesOnlyWhileItIsSeen()
    {
        Fixture f;
        QCOMPARE(f.backend.interest().processMetrics.size(), std::size_t(1));
        QCOMPARE(f.backend.interest().systemMetrics.size(), 1);
        f.select({1});
        QVERIFY(f.backend.interest().logs.isEmpty());
        f.find<QTabWidget>("details")->setCurrentIndex(1);
        QCOMPARE(f.backend.interest().logs.size(), 1);
        f.window->hide();
        QCOMPARE(f.backend.interest(), Interest{});
    }

    void offersWhatFitsTheSelection()
    {
        Fixture f;
        f.backend.setStatus(2, ProcessStatus::Stopped);
        auto *start = f.find<QAction>("action-start");
        auto *stop = f.find<QAction>("action-stop");
        QVERIFY(!start->isEnabled() && !stop->isEnabled());
        f.select({1});
        QVERIFY(!start->isEnabled() && stop->isEnabled());
        f.select({2});
        QVERIFY(start->isEnabled() && !stop->isEnabled());
        f.backend.setRole(Role::Read);
        f.backend.setConnectionState(ConnectionState::Lost);
        f.backend.setConnectionState(ConnectionState::Live);
        QVERIFY(!start->isEnabled());
        QVERIFY(start->toolTip().contains(u"Read-only"));
        QVERIFY(f.find<Banner>("connectionBanner")->text().contains(u"read-only"));
    }

    void stopsOneWithoutAQuestion()
    {
        Fixture f;
        f.select({2});
        f.find<QAction>("action-stop")->trigger();
        QCOMPARE(f.backend.commands.size(), 1);
        QVERIFY(f.backend.commands[0].action == Action::Stop);
        QCOMPARE(f.backend.commands[0].target, u"2"_s);
        QTRY_COMPARE(f.window->statusBar()->currentMessage(), u"Stopped worker-2."_s);
    }

    void asksBeforeItStopsSeveral()
    {
        Fixture f;
        f.select({1, 3});
        f.find<QAction>("action-stop")->trigger();
        QCOMPARE(f.backend.commands.size(), 0);
        auto *box = f.find<QMessageBox>("confirmation");
        QVERIFY(box);
        QCOMPARE(box->text(), u"Stop 2 processes?"_s);
        QVERIFY(box->informativeText().contains(u"worker-1, worker-3"));
        QVERIFY(box->informativeText().contains(u"prod-1"));
        QCOMPARE(box->defaultButton(), box->button(QMessageBox::Cancel));
        // The selection changes while the question stands: what was asked about counts.
        f.select({2});
        for (QAbstractButton *button : box->buttons()) {
            if (button->text() == u"Stop 2 Processes")
                button->click();
        }
        QCOMPARE(f.backend.commands.size(), 2);
        QCOMPARE(f.backend.commands[0].target, u"1"_s);
        QCOMPARE(f.backend.commands[1].target, u"3"_s);
    }

    void deletesNothingWhenTheQuestionIsCancelled()
    {
        Fixture f;
        f.select({1});
        f.find<QAction>("action-delete")->trigger();
        auto *box = f.find<QMessageBox>("confirmation");
        QVERIFY(box);
        QCOMPARE(box->text(), u"Stop and delete 1 process?"_s);
        box->button(QMessageBox::Cancel)->click();
        QCOMPARE(f.backend.commands.size(), 0);
    }

    void showsMarkupInAQuestionAsText()
    {
        Fixture f;
        f.backend.add(FakeBackend::entry(4, u"<img src=x>"_s));
        f.find<ProcessView>("processView")->select(ProcessId{4});
        f.find<QAction>("action-delete")->trigger();
        auto *box = f.find<QMessageBox>("confirmation");
        QVERIFY(box);
        QTextDocument shown;
        shown.setHtml(box->informativeText());
        QVERIFY2(shown.toPlainText().contains(u"<img src=x>"), qPrintable(shown.toPlainText()));
    }

    void saysWhichFailedAndWhy()
    {
        Fixture f;
        f.backend.onCommand = [](const Command &command) -> Result<CommandResult> {
            if (command.target == u"2")
                return fail(ErrorCode::StopFailed, u"permission <b>denied</b>"_s);
            return CommandResult{};
        };
        f.select({1, 2, 3});
        f.find<QAction>("action-restart")->trigger();
        for (QAbstractButton *button : f.find<QMessageBox>("confirmation")->buttons()) {
            if (button->text() == u"Restart 3 Processes")
                button->click();
        }
        auto *notice = f.find<Banner>("notice");
        QTRY_VERIFY(notice->isVisible());
        QCOMPARE(notice->text(),
                 u"Restarted 2 processes. Failed: worker-2: permission <b>denied</b>"_s);
        for (const QLabel *label : notice->findChildren<QLabel *>())
            QVERIFY(!label->text().contains(u"<b>"));
    }

    void saysThatTheConnectionIsLostAndWhy()
    {
        Fixture f;
        auto *banner = f.find<Banner>("connectionBanner");
        QVERIFY(!banner->isVisible());
        f.backend.setConnectionState(ConnectionState::Lost, u"closed by the server"_s);
        QVERIFY(banner->isVisible());
        QVERIFY(banner->text().contains(u"prod-1"));
        QVERIFY(banner->text().contains(u"closed by the server"));
        QSignalSpy retries(f.window.get(), &MainWindow::retryRequested);
        emit banner->linkActivated();
        QCOMPARE(retries.count(), 1);
        f.select({1});
        QVERIFY(!f.find<QAction>("action-stop")->isEnabled());
        f.backend.setConnectionState(ConnectionState::Live);
        QVERIFY(!banner->isVisible());
    }

    void saysLostOnlyOfWhatItHad()
    {
        FakeBackend backend;
        backend.setConnectionState(ConnectionState::Connecting);
        ConnectionBanner banner(backend, u"prod-1"_s, true);
        backend.setConnectionState(ConnectionState::Lost, u"nobody listens"_s);
        QCOMPARE(banner.text(), u"prod-1 cannot be reached (nobody listens). Trying again."_s);
        backend.setConnectionState(ConnectionState::Live);
        backend.setConnectionState(ConnectionState::Lost, u"it shut down"_s);
        QVERIFY2(banner.text().startsWith(u"prod-1: connection lost 0 s ago (it shut down)."),
                 qPrintable(banner.text()));
    }

    void promisesNothingWithoutAConnection()
    {
        Fixture f;
        for (const int id : {1, 2, 3})
            f.backend.applyRemoval(ProcessId{id});
        const auto *view = f.find<ProcessView>("processView");
        QCOMPARE(view->emptyText(), u"none"_s);
        f.backend.setConnectionState(ConnectionState::Lost);
        QVERIFY(view->emptyText().isEmpty());
        QTRY_COMPARE(f.find<QLabel>("statusConnection")->text(), u"prod-1: no connection"_s);
        f.backend.setConnectionState(ConnectionState::Live);
        QCOMPARE(view->emptyText(), u"none"_s);
    }

    void countsAtItsFoot()
    {
        Fixture f;
        f.backend.setStatus(3, ProcessStatus::Errored);
        QTRY_COMPARE(f.find<QLabel>("statusCounts")->text(), u"3 processes: 2 online, 1 errored"_s);
        f.find<QLineEdit>("filter")->setText(u"worker-3"_s);
        QTRY_COMPARE(f.find<QLabel>("statusFilter")->text(), u"filter: 1 of 3"_s);
        QTRY_VERIFY(f.find<QLabel>("statusSystem")->text().startsWith(u"CPU 1"));
    }

    void showsTheLogOfTheSelection()
    {
        Fixture f;
        LogLine line;
        line.message = "hello";
        f.backend.logLinesOnDisk = {line};
        f.find<QTabWidget>("details")->setCurrentIndex(1);
        f.select({2});
        auto *log = f.find<LogView>("logView");
        QTRY_COMPARE((log->selectAll(), log->selectedText()), u"hello"_s);
        QCOMPARE(f.backend.logQueries.last().process, u"2"_s);
        QCOMPARE(f.backend.logQueries.last().lines, 200);
        QCOMPARE(f.find<QTabWidget>("details")->tabText(1), u"Log of worker-2"_s);
    }

    void asksBeforeItsProcessesEnd()
    {
        Fixture f(true);
        QSignalSpy closed(f.window.get(), &MainWindow::closed);
        f.window->close();
        QVERIFY(f.window->isVisible());
        auto *box = f.find<QMessageBox>("closeConfirmation");
        QVERIFY(box);
        QCOMPARE(box->text(), u"Quit and stop 3 processes?"_s);
        for (QAbstractButton *button : box->buttons()) {
            if (button != box->button(QMessageBox::Cancel))
                button->click();
        }
        QCOMPARE(closed.count(), 1);
        QVERIFY(!f.window->isVisible());
    }

    void remembersItsColumns()
    {
        Fixture f;
        f.find<ProcessView>("processView")->setColumnHidden(8, true);
        f.window->close();
        f.open();
        QVERIFY(f.find<ProcessView>("processView")->isColumnHidden(8));
    }

    void namesAllThatCanBeFocused()
    {
        Fixture f;
        for (const QWidget *widget : f.window->findChildren<QWidget *>()) {
            const bool own = widget->objectName() == u"processView" ||
                             widget->objectName() == u"logView" ||
                             widget->objectName() == u"filter";
            QVERIFY2(!own || !widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
        }
        for (const QAction *action : f.window->findChildren<QAction *>()) {
            if (action->objectName().startsWith(u"action-"))
                QVERIFY2(!action->icon().isNull(), qPrintable(action->objectName()));
        }
    }

    void speaksGerman()
    {
        QTranslator german;
        QVERIFY(german.load(u":/i18n/app_de.qm"_s));
        Fixture f;
        QCoreApplication::installTranslator(&german);
        QTRY_COMPARE(f.find<QAction>("action-stop")->text(), u"S&toppen"_s);
        QTRY_COMPARE(f.find<QLabel>("statusCounts")->text(), u"3 Prozesse: 3 online"_s);
        QCOMPARE(statusWord(ProcessStatus::Errored), u"fehlerhaft"_s);
        QCoreApplication::removeTranslator(&german);
    }

    void writesFiguresForPeople()
    {
        QCOMPARE(durationText(milliseconds{12'900}), u"12 s"_s);
        QCOMPARE(durationText(milliseconds{303'000}), u"5 min 3 s"_s);
        QCOMPARE(durationText(milliseconds{84'600'000}), u"23 h 30 min"_s);
        QCOMPARE(durationText(milliseconds{273'600'000}), u"3 d 4 h"_s);
        QCOMPARE(bytesText(74LL << 20), u"74 MiB"_s);
        QCOMPARE(percentText(97), u"97.0 %"_s);
    }

    void asksOnlyWhereMuchIsLost()
    {
        const QList<ProcessEntry> one{FakeBackend::entry(1, u"a"_s)};
        QList<ProcessEntry> many;
        for (int id = 0; id < 20; ++id)
            many.append(FakeBackend::entry(id, u"p%1"_s.arg(id)));
        QVERIFY(!confirmationFor(Action::Start, many, u"h"_s));
        QVERIFY(!confirmationFor(Action::Restart, one, u"h"_s));
        QVERIFY(confirmationFor(Action::Delete, one, u"h"_s));
        const auto asked = confirmationFor(Action::Stop, many, u"h"_s);
        QVERIFY(asked && asked->details.contains(u"p11") && !asked->details.contains(u"p12"));
        QVERIFY(asked->details.contains(u"8 more"));
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"

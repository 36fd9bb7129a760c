// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/window/mainwindow.h"

#include "gui/charts/systemchart.h"
#include "gui/logs/logfeed.h"
#include "gui/logs/logview.h"
#include "gui/processes/format.h"
#include "gui/processes/processfilterproxy.h"
#include "gui/processes/processmodel.h"
#include "gui/processes/processview.h"
#include "gui/theme/icons.h"
#include "gui/window/banner.h"
#include "gui/window/processactions.h"
#include "gui/window/statusline.h"
#include "gui/window/windowmenus.h"

#include <QCloseEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// One more whenever docks, tool bars or columns change their meaning.
constexpr int stateVersion = 1;
constexpr milliseconds systemInterval{1'000};
constexpr milliseconds noticeTime{8'000};

QString key(const char *name)
{
    return u"window%1/%2"_s.arg(stateVersion).arg(QLatin1StringView(name));
}

} // namespace

MainWindow::MainWindow(Backend &backend, const Options &options, QSettings &settings)
    : m_backend(backend)
    , m_options(options)
    , m_settings(settings)
    , m_model(new ProcessModel(backend, wallNow, this))
    , m_proxy(new ProcessFilterProxy(*m_model, this))
    , m_view(new ProcessView(*m_model, *m_proxy))
    , m_actions(new ProcessActions(backend, options.host, this))
    , m_feed(new LogFeed(backend, this))
    , m_log(new LogView(m_feed->store()))
    , m_chart(new SystemChart(backend))
    , m_notice(new Banner)
    , m_filter(new QLineEdit)
    , m_details(new QTabWidget)
    , m_splitter(new QSplitter(Qt::Vertical))
    , m_statusLine(new StatusLine(backend, options.host, *m_proxy))
    , m_menus(new WindowMenus(*this, m_actions->actions(), savedTheme(settings)))
{
    setObjectName(u"mainWindow"_s);
    setWindowIcon(applicationIcon());
    buildCentre();
    buildToolBar();
    buildMenus();
    // Not permanent: a message covers it for a while.
    statusBar()->addWidget(m_statusLine, 1);

    connect(m_view, &ProcessView::selectedIdsChanged, this, &MainWindow::showSelection);
    connect(m_feed, &LogFeed::changed, this, &MainWindow::showLogState);
    connect(m_actions, &ProcessActions::failed, this, &MainWindow::showNotice);
    connect(m_actions, &ProcessActions::succeeded, this, [this](const QString &text) {
        statusBar()->showMessage(text, int(noticeTime.count()));
    });
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_proxy->setFilterText(text);
        showEmptyText();
    });
    connect(&backend, &Backend::statusChanged, this, &MainWindow::showEmptyText);
    connect(&backend, &Backend::processRemoved, this, &MainWindow::showEmptyText);
    connect(&backend, &Backend::connectionStateChanged, this, &MainWindow::showEmptyText);
    retranslate();
    restore();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildCentre()
{
    auto *connection = new ConnectionBanner(m_backend, m_options.host, m_options.canRetry);
    connection->setObjectName(u"connectionBanner"_s);
    connect(connection, &Banner::linkActivated, this, &MainWindow::retryRequested);
    m_notice->setObjectName(u"notice"_s);
    m_notice->setClosable(true);
    m_view->setObjectName(u"processView"_s);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_view->addActions(m_actions->actions());

    auto *top = new QWidget;
    auto *topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    topLayout->setSpacing(0);
    topLayout->addWidget(connection);
    topLayout->addWidget(m_notice);
    topLayout->addWidget(m_view, 1);

    m_splitter->setObjectName(u"splitter"_s);
    m_splitter->addWidget(top);
    m_splitter->addWidget(buildDetails());
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setCollapsible(0, false);
    setCentralWidget(m_splitter);
}

QWidget *MainWindow::buildDetails()
{
    m_chart->setObjectName(u"systemChartPage"_s);
    m_log->setObjectName(u"logView"_s);
    m_log->setFrameShape(QFrame::NoFrame);
    m_details->setObjectName(u"details"_s);
    m_details->addTab(m_chart, QString());
    m_details->addTab(m_log, QString());
    connect(m_details, &QTabWidget::currentChanged, this, &MainWindow::syncWatching);
    return m_details;
}

void MainWindow::buildToolBar()
{
    QToolBar *bar = addToolBar(QString());
    bar->setObjectName(u"toolBar"_s);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setIconSize({16, 16});
    bar->addActions(m_actions->actions());
    bar->addSeparator();
    m_filter->setObjectName(u"filter"_s);
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(420);
    bar->addWidget(m_filter);

    auto *columns = new QToolButton;
    columns->setObjectName(u"columns"_s);
    columns->setPopupMode(QToolButton::InstantPopup);
    columns->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto *menu = new QMenu(columns);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { m_view->fillColumnMenu(menu); });
    columns->setMenu(menu);
    bar->addWidget(columns);
}

void MainWindow::buildMenus()
{
    connect(m_menus, &WindowMenus::filterRequested, this, [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });
    connect(m_menus, &WindowMenus::detailsToggled, this, [this](bool shown) {
        m_details->setVisible(shown);
        syncWatching();
    });
    connect(m_menus, &WindowMenus::themeChosen, this, [this](Theme theme) {
        m_settings.setValue(key("theme"), toString(theme));
        emit themeChosen(theme);
    });
    connect(m_menus, &WindowMenus::aboutRequested, this, &MainWindow::about);
}

Theme MainWindow::savedTheme(const QSettings &settings)
{
    return themeFromString(settings.value(key("theme")).toString()).value_or(Theme::System);
}

void MainWindow::retranslate()
{
    //: the window's title: a host, the program
    setWindowTitle(tr("%1 – %2").arg(m_options.host, u"PMDaemon"_s));
    m_menus->retranslate();
    m_details->setTabText(0, tr("Metrics"));
    m_details->setTabText(1, tr("Log"));
    m_filter->setPlaceholderText(tr("Filter: name, namespace or status (Ctrl+F)"));
    m_filter->setAccessibleName(tr("Filter processes"));
    m_view->setAccessibleName(tr("Processes"));
    m_log->setAccessibleName(tr("Log"));
    findChild<QToolBar *>(u"toolBar"_s)->setWindowTitle(tr("Tool Bar"));
    findChild<QToolButton *>(u"columns"_s)->setText(tr("Columns"));
    findChild<QToolButton *>(u"columns"_s)->setIcon(themedIcon(u"columns", palette()));
    m_actions->retranslate();
    m_statusLine->retranslate();
    showEmptyText();
    showLogState();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    } else if (event->type() == QEvent::PaletteChange) {
        m_actions->applyPalette();
        findChild<QToolButton *>(u"columns"_s)->setIcon(themedIcon(u"columns", palette()));
    } else if (event->type() == QEvent::WindowStateChange) {
        syncWatching();
    }
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    syncWatching();
}

void MainWindow::hideEvent(QHideEvent *event)
{
    QMainWindow::hideEvent(event);
    syncWatching();
}

void MainWindow::syncWatching()
{
    const bool seen = isVisible() && !isMinimized();
    m_model->setWatching(seen);
    m_systemWatch = seen ? m_backend.watchSystemMetrics(systemInterval) : Watch();
    m_feed->setActive(seen && m_details->isVisible() && m_details->currentWidget() == m_log);
}

void MainWindow::showSelection()
{
    const QList<ProcessId> ids = m_view->selectedIds();
    m_actions->setSelection(ids);
    // Several selected: the log of the first one.
    m_feed->setProcess(ids.isEmpty() ? std::nullopt : std::optional(ids.first()));
}

void MainWindow::showLogState()
{
    const ProcessEntry *entry = m_feed->process() ? m_backend.process(*m_feed->process()) : nullptr;
    //: the tab of a process's log
    QString title = entry ? tr("Log of %1").arg(nameText(entry->name)) : tr("Log");
    m_details->setTabText(1, title.replace(u'&', "&&"_L1)); // no mnemonic
    switch (m_feed->state()) {
    case LogFeed::State::Nothing:
        m_log->setEmptyText(tr("Select a process to see its log."));
        break;
    case LogFeed::State::Loading:
        m_log->setEmptyText(tr("Loading…"));
        break;
    case LogFeed::State::Live:
        m_log->setEmptyText(tr("This process has not written anything yet."));
        break;
    case LogFeed::State::Failed:
        m_log->setEmptyText(m_feed->failure());
        break;
    }
    m_log->contentChanged();
}

void MainWindow::showEmptyText()
{
    const auto all = int(m_backend.processes().size());
    // The banner says why nobody knows whether there are any.
    const QString none =
        m_backend.connectionState() == ConnectionState::Live ? m_options.emptyText : QString();
    //: nothing matches the filter
    m_view->setEmptyText(all == 0 ? none : tr("None of %n process(es) matches.", nullptr, all));
}

void MainWindow::showNotice(const QString &text)
{
    m_notice->showText(text);
}

void MainWindow::restore()
{
    resize(1280, 800);
    restoreGeometry(m_settings.value(key("geometry")).toByteArray());
    restoreState(m_settings.value(key("state")).toByteArray(), stateVersion);
    m_splitter->restoreState(m_settings.value(key("splitter")).toByteArray());
    m_view->header()->restoreState(m_settings.value(key("columns")).toByteArray());
}

void MainWindow::save()
{
    m_settings.setValue(key("geometry"), saveGeometry());
    m_settings.setValue(key("state"), saveState(stateVersion));
    m_settings.setValue(key("splitter"), m_splitter->saveState());
    m_settings.setValue(key("columns"), m_view->header()->saveState());
}

bool MainWindow::asksBeforeClose()
{
    const auto running =
        int(std::count_if(m_backend.processes().cbegin(), m_backend.processes().cend(),
                          [](const ProcessEntry &entry) { return entry.pid.has_value(); }));
    if (m_closeConfirmed || !m_options.ownsProcesses || running == 0)
        return false;
    auto *box = new QMessageBox(QMessageBox::Question, u"PMDaemon"_s,
                                tr("Quit and stop %n process(es)?", nullptr, running),
                                QMessageBox::Cancel, this);
    box->setObjectName(u"closeConfirmation"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("Here, processes run as long as the window. To keep them running, "
                               "start the daemon and connect to it."));
    QPushButton *button = box->addButton(tr("Quit and Stop"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    connect(button, &QPushButton::clicked, this, [this] {
        m_closeConfirmed = true;
        close();
    });
    box->open();
    return true;
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (asksBeforeClose()) {
        event->ignore();
        return;
    }
    save();
    event->accept();
    emit closed();
}

void MainWindow::about()
{
    QMessageBox::about(this, tr("About PMDaemon"),
                       u"<h3>PMDaemon " PMDAEMON_VERSION
                       "</h3><p>%1</p>"_s.arg(tr("Process manager with live remote view.")));
}

} // namespace pmdaemon

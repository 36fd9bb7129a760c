// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"
#include "gui/theme/theme.h"

#include <QMainWindow>

class QLineEdit;
class QSettings;
class QSplitter;
class QTabWidget;

namespace pmdaemon {

class Banner;
class LogFeed;
class LogView;
class ProcessActions;
class ProcessFilterProxy;
class ProcessModel;
class ProcessView;
class StatusLine;
class SystemChart;
class WindowMenus;

/// The table of processes of one Backend, with the machine's chart and the log of the selection.
/// While it is not in sight it has nothing watched.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    struct Options
    {
        QString host;               ///< how people call what `backend` shows
        bool canRetry = false;      ///< somebody answers retryRequested()
        bool ownsProcesses = false; ///< closing it ends them: it asks before
        QString emptyText;          ///< what to do when there is no process
    };

    /// Geometry, columns and theme are kept in `settings`.
    MainWindow(Backend &backend, const Options &options, QSettings &settings);
    ~MainWindow() override;

    /// The theme that is kept; the window applies one itself only when it is chosen in its menu.
    static Theme savedTheme(const QSettings &settings);

signals:
    void retryRequested();
    void themeChosen(pmdaemon::Theme theme);
    /// The window was closed and the user knows what that means.
    void closed();

protected:
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildCentre();
    QWidget *buildDetails();
    void buildToolBar();
    void buildMenus();
    void restore();
    void save();
    void retranslate();
    void syncWatching();
    void showSelection();
    void showLogState();
    void showEmptyText();
    void showNotice(const QString &text);
    bool asksBeforeClose();
    void about();

    Backend &m_backend;
    Options m_options;
    QSettings &m_settings;
    ProcessModel *m_model;
    ProcessFilterProxy *m_proxy;
    ProcessView *m_view;
    ProcessActions *m_actions;
    LogFeed *m_feed;
    LogView *m_log;
    SystemChart *m_chart;
    Banner *m_notice;
    QLineEdit *m_filter;
    QTabWidget *m_details;
    QSplitter *m_splitter;
    StatusLine *m_statusLine;
    WindowMenus *m_menus;
    Watch m_systemWatch;
    bool m_closeConfirmed = false;
};

} // namespace pmdaemon

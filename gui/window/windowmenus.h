// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "gui/theme/theme.h"

#include <QList>
#include <QObject>

class QAction;
class QMainWindow;
class QMenu;

namespace pmdaemon {

/// The menu bar of a window: it tells what was chosen, the window does it.
class WindowMenus : public QObject
{
    Q_OBJECT

public:
    WindowMenus(QMainWindow &window, const QList<QAction *> &processActions, Theme theme);

    void retranslate();

signals:
    void filterRequested();
    void detailsToggled(bool shown);
    void themeChosen(pmdaemon::Theme theme);
    void aboutRequested();

private:
    QAction *addAction(QMenu *menu, const QString &name);
    void addThemes(Theme current);

    QMenu *m_file;
    QMenu *m_process;
    QMenu *m_view;
    QMenu *m_theme;
    QMenu *m_help;
    QAction *m_quit;
    QAction *m_filter;
    QAction *m_details;
    QList<QAction *> m_themes; ///< in the order of Theme
    QAction *m_about;
};

} // namespace pmdaemon

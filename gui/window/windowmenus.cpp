// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/window/windowmenus.h"

#include <QActionGroup>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

WindowMenus::WindowMenus(QMainWindow &window, const QList<QAction *> &processActions, Theme theme)
    : QObject(&window)
    , m_file(window.menuBar()->addMenu(QString()))
    , m_process(window.menuBar()->addMenu(QString()))
    , m_view(window.menuBar()->addMenu(QString()))
    , m_theme(new QMenu(m_view))
    , m_help(window.menuBar()->addMenu(QString()))
    , m_quit(addAction(m_file, u"actionQuit"_s))
    , m_filter(addAction(m_view, u"actionFilter"_s))
    , m_details(addAction(m_view, u"actionDetails"_s))
    , m_about(addAction(m_help, u"actionAbout"_s))
{
    m_process->addActions(processActions);
    m_quit->setShortcut(QKeySequence::Quit);
    m_filter->setShortcut(QKeySequence::Find);
    m_details->setShortcut(Qt::Key_F9);
    m_details->setCheckable(true);
    m_details->setChecked(true);
    m_view->addMenu(m_theme);
    addThemes(theme);
    connect(m_quit, &QAction::triggered, &window, &QWidget::close);
    connect(m_filter, &QAction::triggered, this, &WindowMenus::filterRequested);
    connect(m_details, &QAction::toggled, this, &WindowMenus::detailsToggled);
    connect(m_about, &QAction::triggered, this, &WindowMenus::aboutRequested);
    retranslate();
}

QAction *WindowMenus::addAction(QMenu *menu, const QString &name)
{
    QAction *action = menu->addAction(QString());
    action->setObjectName(name);
    return action;
}

void WindowMenus::addThemes(Theme current)
{
    auto *group = new QActionGroup(this);
    for (const Theme theme : {Theme::System, Theme::Light, Theme::Dark}) {
        QAction *action = group->addAction(addAction(m_theme, u"theme-"_s + toString(theme)));
        action->setCheckable(true);
        action->setChecked(theme == current);
        connect(action, &QAction::triggered, this, [this, theme] { emit themeChosen(theme); });
        m_themes.append(action);
    }
}

void WindowMenus::retranslate()
{
    m_file->setTitle(tr("&File"));
    m_process->setTitle(tr("&Process"));
    m_view->setTitle(tr("&View"));
    m_theme->setTitle(tr("&Theme"));
    m_help->setTitle(tr("&Help"));
    m_quit->setText(tr("&Quit"));
    m_filter->setText(tr("&Filter Processes"));
    m_details->setText(tr("&Details"));
    m_about->setText(tr("&About PMDaemon"));
    m_themes[0]->setText(tr("&System"));
    m_themes[1]->setText(tr("&Light"));
    m_themes[2]->setText(tr("&Dark"));
}

} // namespace pmdaemon

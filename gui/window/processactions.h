// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"

#include <QAction>

#include <map>

class QWidget;

namespace pmdaemon {

/// The actions on the selected processes: what is enabled, the question before, the commands, and
/// what came of them.
class ProcessActions : public QObject
{
    Q_OBJECT

public:
    /// `window` is where questions are asked; `host` is named in them.
    ProcessActions(Backend &backend, const QString &host, QWidget *window);

    QAction *action(Action action) const { return m_actions.at(action); }
    /// In the order of the tool bar.
    QList<QAction *> actions() const;
    void setSelection(const QList<ProcessId> &ids);
    void retranslate();
    void applyPalette();

signals:
    void succeeded(const QString &text);
    void failed(const QString &text);

private:
    struct Batch;

    QList<ProcessEntry> selected(Action action) const;
    void updateEnabled();
    void trigger(Action action);
    void ask(Action action, const struct Confirmation &confirmation, const QList<ProcessId> &ids);
    void run(Action action, const QList<ProcessId> &ids);
    void finish(const Batch &batch);

    Backend &m_backend;
    QString m_host;
    QWidget *m_window;
    std::map<Action, QAction *> m_actions;
    QList<ProcessId> m_selection;
};

} // namespace pmdaemon

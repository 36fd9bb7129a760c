// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/window/processactions.h"

#include "gui/processes/format.h"
#include "gui/theme/icons.h"
#include "gui/window/actionpolicy.h"

#include <QCoreApplication>
#include <QKeySequence>
#include <QMessageBox>
#include <QPushButton>
#include <QTextDocument>
#include <QWidget>

#include <algorithm>
#include <memory>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QKeySequence shortcutOf(Action action)
{
    switch (action) {
    case Action::Start:
        return Qt::Key_F5;
    case Action::Stop:
        return Qt::SHIFT | Qt::Key_F5;
    case Action::Restart:
        return Qt::CTRL | Qt::Key_R;
    case Action::Reload:
        return Qt::CTRL | Qt::SHIFT | Qt::Key_R;
    default:
        return {};
    }
}

} // namespace

/// One command per process; the last answer closes it.
struct ProcessActions::Batch
{
    Action action = Action::Start;
    qsizetype open = 0;
    QStringList done;
    QStringList failed;
};

ProcessActions::ProcessActions(Backend &backend, const QString &host, QWidget *window)
    : QObject(window)
    , m_backend(backend)
    , m_host(host)
    , m_window(window)
{
    for (const Action action : offeredActions) {
        auto *item = new QAction(this);
        item->setObjectName(u"action-"_s + toString(action));
        item->setShortcut(shortcutOf(action));
        connect(item, &QAction::triggered, this, [this, action] { trigger(action); });
        m_actions.emplace(action, item);
    }
    retranslate();
    applyPalette();
    connect(&backend, &Backend::connectionStateChanged, this, &ProcessActions::updateEnabled);
    connect(&backend, &Backend::statusChanged, this, &ProcessActions::updateEnabled);
    connect(&backend, &Backend::processRemoved, this, &ProcessActions::updateEnabled);
    updateEnabled();
}

QList<QAction *> ProcessActions::actions() const
{
    QList<QAction *> all;
    for (const Action action : offeredActions)
        all.append(m_actions.at(action));
    return all;
}

void ProcessActions::retranslate()
{
    for (const auto &[action, item] : m_actions)
        item->setText(actionTitle(action));
    updateEnabled();
}

void ProcessActions::applyPalette()
{
    for (const auto &[action, item] : m_actions)
        item->setIcon(themedIcon(QString(toString(action)), m_window->palette()));
}

void ProcessActions::setSelection(const QList<ProcessId> &ids)
{
    m_selection = ids;
    updateEnabled();
}

QList<ProcessEntry> ProcessActions::selected(Action action) const
{
    QList<ProcessEntry> entries;
    for (const ProcessId id : m_selection) {
        const ProcessEntry *entry = m_backend.process(id);
        if (entry && isApplicable(action, entry->status))
            entries.append(*entry);
    }
    return entries;
}

void ProcessActions::updateEnabled()
{
    const QString why = obstacle(m_backend.connectionState(), m_backend.role());
    for (const auto &[action, item] : m_actions) {
        item->setEnabled(why.isEmpty() && !selected(action).isEmpty());
        const QString title = item->text().remove(u'&');
        item->setToolTip(why.isEmpty() ? title : title + u" – "_s + why);
    }
}

void ProcessActions::trigger(Action action)
{
    const QList<ProcessEntry> entries = selected(action);
    if (entries.isEmpty())
        return;
    QList<ProcessId> ids;
    for (const ProcessEntry &entry : entries)
        ids.append(entry.id);
    if (const auto confirmation = confirmationFor(action, entries, m_host))
        ask(action, *confirmation, ids);
    else
        run(action, ids);
}

void ProcessActions::ask(Action action, const Confirmation &confirmation,
                         const QList<ProcessId> &ids)
{
    auto *box = new QMessageBox(QMessageBox::Question, QCoreApplication::applicationName(),
                                confirmation.question, QMessageBox::Cancel, m_window);
    box->setObjectName(u"confirmation"_s);
    box->setAttribute(Qt::WA_DeleteOnClose);
    // The label takes what looks like markup for markup, and names are others' words.
    box->setInformativeText(Qt::convertFromPlainText(confirmation.details, Qt::WhiteSpaceNormal));
    QPushButton *button = box->addButton(confirmation.button, QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    // By id: the table goes on changing while the question stands.
    connect(button, &QPushButton::clicked, this, [this, action, ids] { run(action, ids); });
    box->open();
}

void ProcessActions::run(Action action, const QList<ProcessId> &ids)
{
    auto batch = std::make_shared<Batch>();
    batch->action = action;
    batch->open = ids.size();
    for (const ProcessId id : ids) {
        const ProcessEntry *entry = m_backend.process(id);
        const QString target = QString::number(toInt(id));
        const QString name = entry ? nameText(entry->name) : target;
        Command command;
        command.action = action;
        command.target = target;
        m_backend.command(command).then(
            this, [this, batch, name](const Result<CommandResult> &result) {
                if (result)
                    batch->done.append(name);
                else
                    batch->failed.append(name + u": "_s + result.error().message);
                if (--batch->open == 0)
                    finish(*batch);
            });
    }
}

void ProcessActions::finish(const Batch &batch)
{
    const QString text = outcomeText(batch.action, batch.done, batch.failed);
    if (batch.failed.isEmpty())
        emit succeeded(text);
    else
        emit failed(text);
}

} // namespace pmdaemon

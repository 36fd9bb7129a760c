// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/window/actionpolicy.h"

#include "gui/processes/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace pmdaemon {

namespace {

constexpr auto context = "pmdaemon::Actions";
constexpr qsizetype namesShown = 12;

struct ActionTexts
{
    Action action;
    const char *title;
    const char *question;
    const char *button;
    const char *doneOne;
    const char *doneMany;
};

constexpr ActionTexts actionTexts[] = {
    {Action::Start, QT_TRANSLATE_NOOP("pmdaemon::Actions", "&Start"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Start %n process(es)?"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Start %n Process(es)"),
     QT_TRANSLATE_NOOP("pmdaemon::Actions", "Started %1."),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Started %n process(es).")},
    {Action::Stop, QT_TRANSLATE_NOOP("pmdaemon::Actions", "S&top"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Stop %n process(es)?"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Stop %n Process(es)"),
     QT_TRANSLATE_NOOP("pmdaemon::Actions", "Stopped %1."),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Stopped %n process(es).")},
    {Action::Restart, QT_TRANSLATE_NOOP("pmdaemon::Actions", "&Restart"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Restart %n process(es)?"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Restart %n Process(es)"),
     QT_TRANSLATE_NOOP("pmdaemon::Actions", "Restarted %1."),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Restarted %n process(es).")},
    {Action::Reload, QT_TRANSLATE_NOOP("pmdaemon::Actions", "Re&load"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Reload %n process(es)?"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Reload %n Process(es)"),
     QT_TRANSLATE_NOOP("pmdaemon::Actions", "Reloaded %1."),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Reloaded %n process(es).")},
    {Action::Delete, QT_TRANSLATE_NOOP("pmdaemon::Actions", "&Delete"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Stop and delete %n process(es)?"),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Delete %n Process(es)"),
     QT_TRANSLATE_NOOP("pmdaemon::Actions", "Deleted %1."),
     QT_TRANSLATE_N_NOOP("pmdaemon::Actions", "Deleted %n process(es).")},
};

const ActionTexts &textsOf(Action action)
{
    return *std::find_if(std::begin(actionTexts), std::end(actionTexts),
                         [action](const ActionTexts &texts) { return texts.action == action; });
}

QString translated(const char *text, int n = -1)
{
    return QCoreApplication::translate(context, text, nullptr, n);
}

} // namespace

bool isApplicable(Action action, ProcessStatus status)
{
    const bool down = status == ProcessStatus::Stopped || status == ProcessStatus::Errored;
    switch (action) {
    case Action::Start:
        return down;
    case Action::Stop:
        return !down && status != ProcessStatus::Stopping;
    default:
        return true;
    }
}

QString obstacle(ConnectionState state, Role role)
{
    if (state != ConnectionState::Live)
        return QCoreApplication::translate("pmdaemon::Actions", "Not connected");
    if (role == Role::None || role == Role::Read)
        return QCoreApplication::translate("pmdaemon::Actions", "Read-only access");
    return {};
}

std::optional<Confirmation> confirmationFor(Action action, const QList<ProcessEntry> &processes,
                                            const QString &host)
{
    const bool asks = action == Action::Delete || (action != Action::Start && processes.size() > 1);
    if (!asks)
        return std::nullopt;
    QStringList names;
    for (const ProcessEntry &entry : processes.first(std::min(namesShown, processes.size())))
        names.append(nameText(entry.name));
    const auto more = int(processes.size() - names.size());
    //: which processes, and the host they run on
    QString details = QCoreApplication::translate("pmdaemon::Actions", "%1\non %2")
                          .arg(names.join(QStringLiteral(", ")), host);
    if (more > 0) {
        details =
            QCoreApplication::translate("pmdaemon::Actions", "%1 and %n more\non %2", nullptr, more)
                .arg(names.join(QStringLiteral(", ")), host);
    }
    const ActionTexts &texts = textsOf(action);
    const auto count = int(processes.size());
    return Confirmation{translated(texts.question, count), details,
                        translated(texts.button, count)};
}

QString actionTitle(Action action)
{
    return translated(textsOf(action).title);
}

QString outcomeText(Action action, const QStringList &done, const QStringList &failed)
{
    const ActionTexts &texts = textsOf(action);
    QString text;
    if (done.size() == 1)
        text = translated(texts.doneOne).arg(done.first());
    else if (!done.isEmpty())
        text = translated(texts.doneMany, int(done.size()));
    if (failed.isEmpty())
        return text;
    if (!text.isEmpty())
        text += u' ';
    //: what failed, as "name: why" with semicolons between
    return text + QCoreApplication::translate("pmdaemon::Actions", "Failed: %1")
                      .arg(failed.join(QStringLiteral("; ")));
}

} // namespace pmdaemon

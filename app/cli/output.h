// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/error.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QSize>

namespace pmdaemon {

/// The two streams of a command. What it is asked for goes to stdout, everything else to stderr. A
/// stdout that is gone or full ends the program.
class Output
{
public:
    struct Wishes
    {
        bool json = false;
        bool quiet = false;
        bool noColour = false;
    };
    explicit Output(const Wishes &wishes);

    bool json() const { return m_wishes.json; }
    /// Colours were not declined: --no-color, NO_COLOR (https://no-color.org).
    bool mayColour() const { return !m_wishes.noColour; }
    /// stdout is a terminal, and colours were not declined.
    bool colour() const { return m_isTerminal && mayColour(); }
    /// The terminal shows UTF-8.
    bool unicode() const;
    /// In characters; 0 where stdout is no terminal.
    int width() const;

    void write(const QByteArray &bytes);
    /// A value for programs, on a line of its own.
    void write(const QJsonArray &array);
    void write(const QJsonObject &object);
    /// Whether a value for programs was written.
    bool hasValue() const { return m_hasValue; }
    /// Something for people about what was done; nothing with --quiet or --json.
    void say(const QString &text);
    /// Something for people about what stands on stdout, on stderr; nothing with --quiet or --json.
    void advise(const QString &text);
    /// "pmdaemon: …" on stderr, also with --quiet. Several lines are kept.
    void complain(const QString &text);
    void complain(const Error &error) { complain(error.message); }
    /// A line on a stderr that is a terminal, in the place of the one before; empty = none.
    void progress(const QString &text);

private:
    Wishes m_wishes;
    bool m_isTerminal = false;
    bool m_showsProgress = false;
    bool m_hasValue = false;
};

/// Of the terminal that stdout is, in characters; not valid where it is none or does not know.
QSize terminalSize();
/// Whether somebody sits at stdin and sees stderr, so that a question makes sense.
bool canAsk();
/// Asks on stderr; only y or yes (or their translation) is true.
bool askYesNo(const QString &question);

} // namespace pmdaemon

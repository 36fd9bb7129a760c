// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QByteArrayList>
#include <QObject>
#include <QSize>
#include <QSocketNotifier>

namespace pmdaemon {

/// The whole terminal, for a picture that changes: the alternate screen, which gives back what
/// stood there before at the end, also when a signal ends the program, and while Ctrl-Z has stopped
/// it. At most one exists, and stdout is a terminal.
class Screen : public QObject
{
    Q_OBJECT

public:
    explicit Screen(QObject *parent = nullptr);
    ~Screen() override;

    /// In characters, now.
    QSize size() const;
    /// The picture, from the top; lines that have no place are left out. Each fits the width. In
    /// one write and without clearing first, so that nothing flickers.
    void draw(const QByteArrayList &lines);

signals:
    /// Another size, or another program was on the terminal: draw again.
    void resized();

private:
    void read();

    QSocketNotifier m_notifier;
};

/// The bytes that put `lines` on a terminal of that height, in place of what it shows.
QByteArray frameOf(const QByteArrayList &lines, int height);

} // namespace pmdaemon

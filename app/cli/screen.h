// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/keypress.h"

#include <QByteArrayList>
#include <QObject>
#include <QSize>
#include <QSocketNotifier>

#include <memory>

namespace pmdaemon {

/// The whole terminal, for a picture that changes: the alternate screen, which gives back what
/// stood there before at the end, also when a signal ends the program, and while Ctrl-Z has stopped
/// it. At most one exists, and stdout is a terminal.
class Screen : public QObject
{
    Q_OBJECT

public:
    enum class Keys { Ignored, Taken };

    /// `keys`: whether stdin, a terminal, is read key by key; Ctrl-C and Ctrl-Z do what they do.
    explicit Screen(Keys keys = Keys::Ignored, QObject *parent = nullptr);
    ~Screen() override;

    /// In characters, now.
    QSize size() const;
    /// The picture, from the top; lines that have no place are left out, and so is what is beyond
    /// the width. In one write and without clearing first, so that nothing flickers.
    void draw(const QByteArrayList &lines);

    /// Something of the picture has changed: drawWanted() follows once for all that one turn of the
    /// event loop brings.
    void drawLater();

signals:
    /// Asked for, or the terminal has another size, or another program was on it.
    void drawWanted();
    void pressed(const pmdaemon::KeyPress &key);

private:
    void read();
    void readKeys();

    QSocketNotifier m_notifier;
    std::unique_ptr<QSocketNotifier> m_keys;
    bool m_drawsLater = false;
};

/// The bytes that put `lines`, which are harmless(), on a terminal of that size, in place of what
/// it shows.
QByteArray frameOf(const QByteArrayList &lines, QSize size);

} // namespace pmdaemon

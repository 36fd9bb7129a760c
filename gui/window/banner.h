// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/backend.h"

#include <QFrame>

#include <chrono>

class QLabel;
class QTimer;
class QToolButton;

namespace pmdaemon {

/// What a banner about the connection says, and whether trying again makes sense. Nothing while
/// all is well. `lostSince` is how long ago the connection was lost; nothing = there never was one.
struct BannerText
{
    QString text;
    bool canRetry = false;

    bool operator==(const BannerText &) const = default;
};

std::optional<BannerText> connectionBanner(ConnectionState state, Role role, const QString &host,
                                           const QString &reason,
                                           std::optional<milliseconds> lostSince);

/// One line above the table in the colours of a warning.
class Banner : public QFrame
{
    Q_OBJECT

public:
    explicit Banner(QWidget *parent = nullptr);

    /// `link`: the text behind the message that emits linkActivated(); empty = none.
    void showText(const QString &text, const QString &link = {});
    void setClosable(bool closable);
    QString text() const;

signals:
    void linkActivated();

protected:
    void changeEvent(QEvent *event) override;

private:
    void applyPalette();
    void render();

    QLabel *m_icon;
    QLabel *m_label;
    QToolButton *m_close;
    QString m_text;
    QString m_link;
    bool m_applying = false;
};

/// A Banner that follows a Backend's connection.
class ConnectionBanner : public Banner
{
    Q_OBJECT

public:
    /// `canRetry`: whether somebody listens to linkActivated().
    ConnectionBanner(Backend &backend, const QString &host, bool canRetry,
                     QWidget *parent = nullptr);

private:
    void follow(ConnectionState state, const QString &reason);
    void refresh();

    Backend &m_backend;
    QString m_host;
    QString m_reason;
    bool m_wasLive;
    std::optional<std::chrono::steady_clock::time_point> m_lostAt;
    QTimer *m_timer;
    bool m_canRetry;
};

} // namespace pmdaemon

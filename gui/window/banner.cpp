// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "gui/window/banner.h"

#include "gui/processes/format.h"
#include "gui/theme/colours.h"
#include "gui/theme/icons.h"

#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QTimer>
#include <QToolButton>

namespace pmdaemon {

using namespace std::chrono_literals;
using namespace Qt::Literals::StringLiterals;

namespace {

QString inBrackets(const QString &reason)
{
    return reason.isEmpty() ? QString() : u" ("_s + reason + u')';
}

} // namespace

std::optional<BannerText> connectionBanner(ConnectionState state, Role role, const QString &host,
                                           const QString &reason,
                                           std::optional<milliseconds> lostSince)
{
    const auto text = [](const char *source) {
        return QCoreApplication::translate("pmdaemon::Banner", source);
    };
    switch (state) {
    case ConnectionState::Live:
        if (role == Role::Admin || role == Role::Control)
            return std::nullopt;
        return BannerText{text(QT_TRANSLATE_NOOP("pmdaemon::Banner",
                                                 "%1: read-only access. You can watch, but not "
                                                 "start or stop anything."))
                              .arg(host)};
    case ConnectionState::Connecting:
        return BannerText{
            text(QT_TRANSLATE_NOOP("pmdaemon::Banner", "Connecting to %1…")).arg(host)};
    case ConnectionState::Lost:
        if (!lostSince)
            return BannerText{
                text(QT_TRANSLATE_NOOP("pmdaemon::Banner", "%1 cannot be reached%2. Trying again."))
                    .arg(host, inBrackets(reason)),
                true};
        return BannerText{
            text(QT_TRANSLATE_NOOP("pmdaemon::Banner",
                                   "%1: connection lost %2 ago%3. Values shown are stale. Trying "
                                   "again."))
                .arg(host, durationText(*lostSince), inBrackets(reason)),
            true};
    case ConnectionState::Refused:
        return BannerText{
            text(QT_TRANSLATE_NOOP("pmdaemon::Banner", "%1 refused the connection%2."))
                .arg(host, inBrackets(reason)),
            true};
    case ConnectionState::Disconnected:
        return BannerText{text(QT_TRANSLATE_NOOP("pmdaemon::Banner", "Not connected to %1%2."))
                              .arg(host, inBrackets(reason)),
                          true};
    }
    return std::nullopt;
}

Banner::Banner(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel(this))
    , m_label(new QLabel(this))
    , m_close(new QToolButton(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 4);
    layout->addWidget(m_icon);
    layout->addWidget(m_label, 1);
    layout->addWidget(m_close);
    m_label->setWordWrap(true);
    m_label->setTextFormat(Qt::RichText);
    m_label->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_close->setAutoRaise(true);
    m_close->setText(tr("Close"));
    m_close->hide();
    connect(m_label, &QLabel::linkActivated, this, &Banner::linkActivated);
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    setAutoFillBackground(true);
    setAccessibleName(tr("Notice"));
    applyPalette();
    hide();
}

void Banner::setClosable(bool closable)
{
    m_close->setVisible(closable);
}

QString Banner::text() const
{
    return m_text;
}

void Banner::showText(const QString &text, const QString &link)
{
    if (text != m_text || link != m_link) {
        m_text = text;
        m_link = link;
        setAccessibleDescription(text);
        render();
    }
    show();
}

void Banner::render()
{
    // The text holds what others say, names and reasons: no markup of theirs gets through.
    QString html = m_text.toHtmlEscaped();
    if (!m_link.isEmpty()) {
        html += u" <a href=\"#\" style=\"color:%1\">%2</a>"_s.arg(
            warningColours(shadeOf(palette())).link.name(), m_link.toHtmlEscaped());
    }
    m_label->setText(html);
}

void Banner::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_applying)
        applyPalette();
}

void Banner::applyPalette()
{
    const BannerColours colours = warningColours(shadeOf(palette()));
    m_applying = true;
    QPalette own;
    own.setColor(QPalette::Window, colours.background);
    own.setColor(QPalette::WindowText, colours.text);
    own.setColor(QPalette::ButtonText, colours.text);
    setPalette(own);
    m_applying = false;
    m_icon->setPixmap(themedIcon(u"warning", own).pixmap(16, 16));
    render();
}

ConnectionBanner::ConnectionBanner(Backend &backend, const QString &host, bool canRetry,
                                   QWidget *parent)
    : Banner(parent)
    , m_backend(backend)
    , m_host(host)
    , m_wasLive(backend.connectionState() == ConnectionState::Live)
    , m_timer(new QTimer(this))
    , m_canRetry(canRetry)
{
    m_timer->setInterval(1s);
    connect(m_timer, &QTimer::timeout, this, &ConnectionBanner::refresh);
    connect(&backend, &Backend::connectionStateChanged, this, &ConnectionBanner::follow);
    refresh();
}

void ConnectionBanner::follow(ConnectionState state, const QString &reason)
{
    m_reason = reason;
    if (m_wasLive)
        m_lostAt = std::chrono::steady_clock::now();
    m_wasLive = state == ConnectionState::Live;
    refresh();
}

void ConnectionBanner::refresh()
{
    const ConnectionState state = m_backend.connectionState();
    std::optional<milliseconds> lostSince;
    if (m_lostAt)
        lostSince =
            std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - *m_lostAt);
    const auto banner = connectionBanner(state, m_backend.role(), m_host, m_reason, lostSince);
    if (state == ConnectionState::Lost)
        m_timer->start();
    else
        m_timer->stop();
    if (banner)
        showText(banner->text, banner->canRetry && m_canRetry ? tr("Retry now") : QString());
    else
        hide();
}

} // namespace pmdaemon

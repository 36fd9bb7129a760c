// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthprobe.h"

#include <QUrl>

class QTcpSocket;

namespace pmdaemon {

class HttpResponse;

/// GETs a URL over a connection of its own, since one that is kept open would say nothing about
/// whether new ones are accepted. Redirects are not followed: 3xx is no 2xx. At most
/// HttpResponse::MaxBody bytes of the body are looked at. A certificate that is not trusted is a
/// failure.
class HttpProbe : public HealthProbe
{
    Q_OBJECT

public:
    HttpProbe(const HealthCheckSpec &spec, const QString &url);
    ~HttpProbe() override;

    void start() override;
    void abort() override;
    QJsonObject subject() const override;

private:
    QByteArray request() const;
    void makeSocket();
    void onConnected();
    void onRead();
    void onError();
    void finish(const QString &error);
    ProbeResult judge() const;

    HealthCheckSpec m_spec;
    QString m_given;
    QUrl m_url;
    std::unique_ptr<QTcpSocket> m_socket;     ///< from the first look on
    std::unique_ptr<HttpResponse> m_response; ///< while a look is under way
};

} // namespace pmdaemon

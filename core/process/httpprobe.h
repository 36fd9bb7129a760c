// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/process/healthprobe.h"

#include <QNetworkRequest>
#include <QPointer>

class QNetworkReply;

namespace pmdaemon {

/// GETs a URL. Redirects are not followed: 3xx is no 2xx. At most 64 KiB of the body are looked at.
class HttpProbe : public HealthProbe
{
    Q_OBJECT

public:
    /// `http` outlives it.
    HttpProbe(QNetworkAccessManager &http, const HealthCheckSpec &spec, const QString &url);
    ~HttpProbe() override;

    void start() override;
    void abort() override;
    QJsonObject subject() const override;

private:
    void onRead();
    void onFinished();
    ProbeResult judge(int status) const;

    QNetworkAccessManager &m_http;
    HealthCheckSpec m_spec;
    QString m_url;
    QNetworkRequest m_request;
    QPointer<QNetworkReply> m_reply;
    QByteArray m_body;
};

} // namespace pmdaemon

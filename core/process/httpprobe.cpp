// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/httpprobe.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {
constexpr qint64 maxBody = 64 * 1024;
}

HttpProbe::HttpProbe(QNetworkAccessManager &http, const HealthCheckSpec &spec, const QString &url)
    : m_http(http)
    , m_spec(spec)
    , m_url(url)
    , m_request(QUrl(url, QUrl::StrictMode))
{
    m_request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                           QNetworkRequest::ManualRedirectPolicy);
    m_request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    m_request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    m_request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    m_request.setHeader(QNetworkRequest::UserAgentHeader, u"PMDaemon/" PMDAEMON_VERSION ""_s);
    // A connection kept open would say nothing about whether new ones are accepted.
    m_request.setRawHeader("Connection", "close");
    for (auto it = spec.headers.cbegin(); it != spec.headers.cend(); ++it)
        m_request.setRawHeader(it.key().toUtf8(), it.value().toUtf8());
}

HttpProbe::~HttpProbe()
{
    abort();
}

QJsonObject HttpProbe::subject() const
{
    return {{u"url"_s, m_url}};
}

void HttpProbe::start()
{
    const QUrl url = m_request.url();
    if (!url.isValid() || url.host().isEmpty() ||
        (url.scheme() != "http"_L1 && url.scheme() != "https"_L1)) {
        emit finished({ProbeOutcome::NotRun,
                       {{u"status_code"_s, QJsonValue::Null}},
                       tr("“%1” is not an http or https URL").arg(m_url)});
        return;
    }
    m_body.clear();
    m_reply = m_http.get(m_request);
    connect(m_reply, &QNetworkReply::readyRead, this, &HttpProbe::onRead);
    connect(m_reply, &QNetworkReply::finished, this, &HttpProbe::onFinished);
}

void HttpProbe::abort()
{
    if (!m_reply)
        return;
    m_reply->disconnect(this);
    m_reply->abort();
    m_reply->deleteLater();
    m_reply.clear();
}

void HttpProbe::onRead()
{
    m_body += m_reply->read(maxBody - m_body.size());
    if (m_body.size() >= maxBody)
        onFinished(); // an endless body is as good as a whole one
}

void HttpProbe::onFinished()
{
    if (m_body.size() < maxBody)
        m_body += m_reply->read(maxBody - m_body.size());
    const QVariant status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute);
    const ProbeResult result = status.isValid()
                                   ? judge(status.toInt())
                                   : ProbeResult{ProbeOutcome::Failed,
                                                 {{u"status_code"_s, QJsonValue::Null}},
                                                 m_reply->errorString()};
    abort();
    emit finished(result);
}

ProbeResult HttpProbe::judge(int status) const
{
    const bool expected = m_spec.expectedStatus.isEmpty() ? status >= 200 && status < 300
                                                          : m_spec.expectedStatus.contains(status);
    const QJsonObject details{{u"status_code"_s, status}};
    if (!expected)
        return {ProbeOutcome::Failed, details, tr("HTTP status %1 was not expected").arg(status)};
    if (!m_body.contains(m_spec.expectedBody.toUtf8()))
        return {ProbeOutcome::Failed, details,
                tr("the body does not hold “%1”").arg(m_spec.expectedBody)};
    return {ProbeOutcome::Passed, details, {}};
}

} // namespace pmdaemon

#include "moc_httpprobe.cpp"

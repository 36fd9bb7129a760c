// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/httpprobe.h"

#include "core/process/httpresponse.h"

#include <QNetworkProxy>
#include <QSslSocket>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

HttpProbe::HttpProbe(const HealthCheckSpec &spec, const QString &url)
    : m_spec(spec)
    , m_given(url)
    , m_url(url, QUrl::StrictMode)
{}

HttpProbe::~HttpProbe()
{
    abort();
}

QJsonObject HttpProbe::subject() const
{
    return {{u"url"_s, m_given}};
}

void HttpProbe::start()
{
    if (!m_url.isValid() || m_url.host().isEmpty() ||
        (m_url.scheme() != "http"_L1 && m_url.scheme() != "https"_L1)) {
        emit finished({ProbeOutcome::NotRun,
                       {{u"status_code"_s, QJsonValue::Null}},
                       tr("“%1” is not an http or https URL").arg(m_given)});
        return;
    }
    if (!m_socket)
        makeSocket();
    m_response = std::make_unique<HttpResponse>();
    const QString host = m_url.host();
    if (auto *const secure = qobject_cast<QSslSocket *>(m_socket.get()))
        secure->connectToHostEncrypted(host, static_cast<quint16>(m_url.port(443)));
    else
        m_socket->connectToHost(host, static_cast<quint16>(m_url.port(80)));
}

void HttpProbe::makeSocket()
{
    if (m_url.scheme() == "https"_L1) {
        auto secure = std::make_unique<QSslSocket>();
        connect(secure.get(), &QSslSocket::encrypted, this, &HttpProbe::onConnected);
        m_socket = std::move(secure);
    } else { // a socket that could speak TLS would load the library for it
        m_socket = std::make_unique<QTcpSocket>();
        connect(m_socket.get(), &QTcpSocket::connected, this, &HttpProbe::onConnected);
    }
    m_socket->setProxy(QNetworkProxy::NoProxy);
    m_socket->setReadBufferSize(HttpResponse::MaxBody);
    connect(m_socket.get(), &QTcpSocket::readyRead, this, &HttpProbe::onRead);
    connect(m_socket.get(), &QTcpSocket::errorOccurred, this, &HttpProbe::onError);
}

void HttpProbe::abort()
{
    if (!m_response)
        return;
    m_response.reset();
    const QSignalBlocker quiet(*m_socket);
    m_socket->abort();
}

QByteArray HttpProbe::request() const
{
    const QString path = m_url.path(QUrl::FullyEncoded);
    QByteArray made = "GET " + (path.isEmpty() ? "/"_ba : path.toLatin1());
    if (m_url.hasQuery())
        made += '?' + m_url.query(QUrl::FullyEncoded).toLatin1();
    made += " HTTP/1.1\r\n";
    const QStringList given = m_spec.headers.keys();
    const auto add = [&](QLatin1StringView name, const QByteArray &value) {
        if (!given.contains(name, Qt::CaseInsensitive))
            made += QByteArrayView(name) + QByteArray(": ") + value + "\r\n";
    };
    add("Connection"_L1, "close");
    add("Host"_L1, m_url.adjusted(QUrl::RemoveUserInfo).authority(QUrl::FullyEncoded).toLatin1());
    add("User-Agent"_L1, "PMDaemon/" PMDAEMON_VERSION);
    add("Accept"_L1, "*/*");
    if (!m_url.userInfo().isEmpty())
        add("Authorization"_L1,
            "Basic " + (m_url.userName() + u':' + m_url.password()).toUtf8().toBase64());
    for (auto it = m_spec.headers.cbegin(); it != m_spec.headers.cend(); ++it)
        made += it.key().toUtf8() + ": " + it.value().toUtf8() + "\r\n";
    return made + "\r\n";
}

void HttpProbe::onConnected()
{
    m_socket->write(request());
}

void HttpProbe::onRead()
{
    switch (m_response->feed(m_socket->readAll())) {
    case HttpResponse::State::Incomplete:
        break;
    case HttpResponse::State::Complete:
        finish({});
        break;
    case HttpResponse::State::Broken:
        finish(tr("this is no HTTP answer: %1").arg(m_response->error()));
        break;
    }
}

void HttpProbe::onError()
{
    if (m_socket->error() != QAbstractSocket::RemoteHostClosedError)
        finish(m_socket->errorString());
    else if (m_response->end() == HttpResponse::State::Complete)
        finish({});
    else
        finish(tr("the connection was closed before the answer was complete"));
}

void HttpProbe::finish(const QString &error)
{
    const ProbeResult result =
        error.isEmpty()
            ? judge()
            : ProbeResult{ProbeOutcome::Failed, {{u"status_code"_s, QJsonValue::Null}}, error};
    abort();
    emit finished(result);
}

ProbeResult HttpProbe::judge() const
{
    const int status = m_response->status();
    const bool expected = m_spec.expectedStatus.isEmpty() ? status >= 200 && status < 300
                                                          : m_spec.expectedStatus.contains(status);
    const QJsonObject details{{u"status_code"_s, status}};
    if (!expected)
        return {ProbeOutcome::Failed, details, tr("HTTP status %1 was not expected").arg(status)};
    if (!m_response->body().contains(m_spec.expectedBody.toUtf8()))
        return {ProbeOutcome::Failed, details,
                tr("the body does not hold “%1”").arg(m_spec.expectedBody)};
    return {ProbeOutcome::Passed, details, {}};
}

} // namespace pmdaemon

#include "moc_httpprobe.cpp"

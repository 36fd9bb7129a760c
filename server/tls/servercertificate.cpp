// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/tls/servercertificate.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

Q_LOGGING_CATEGORY(lcTls, "pmdaemon.server", QtInfoMsg)

constexpr qint64 MaxFile = 1024 * 1024;

QString tr(const char *text)
{
    return QCoreApplication::translate("ServerCertificate", text);
}

tl::unexpected<Error> wrong(QLatin1StringView setting, const QString &message)
{
    return fail(ErrorCode::InvalidConfig, setting + ": "_L1 + message);
}

Result<QByteArray> textOf(QLatin1StringView setting, const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return wrong(setting, tr("%1 cannot be read: %2").arg(path, file.errorString()));
    return file.read(MaxFile);
}

Result<QList<QSslCertificate>> certificatesOf(QLatin1StringView setting, const QString &path)
{
    return textOf(setting, path)
        .and_then([&](const QByteArray &text) -> Result<QList<QSslCertificate>> {
            const QList<QSslCertificate> certificates = QSslCertificate::fromData(text, QSsl::Pem);
            if (certificates.isEmpty())
                return wrong(setting,
                             tr("there is no certificate in %1; expected is PEM, the certificate "
                                "itself first")
                                 .arg(path));
            return certificates;
        });
}

/// Of any of the kinds that a certificate can be made for.
QSslKey keyIn(const QByteArray &text)
{
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Rsa, QSsl::Ec, QSsl::Dsa}) {
        if (const QSslKey key(text, algorithm); !key.isNull())
            return key;
    }
    return {};
}

Result<QSslKey> keyOf(const QString &path)
{
    constexpr auto setting = "tls_key"_L1;
    return textOf(setting, path).and_then([&](const QByteArray &text) -> Result<QSslKey> {
        if (QFileInfo(path).permission(QFileDevice::ReadOther))
            return wrong(
                setting,
                tr("everybody can read %1, so it is not used; `chmod o= %1` it").arg(path));
        const QSslKey key = keyIn(text);
        if (key.isNull())
            return wrong(setting, tr("there is no key in %1 that can be used; expected is PEM, RSA "
                                     "or EC, without a password")
                                      .arg(path));
        return key;
    });
}

} // namespace

Result<ServerCertificate> ServerCertificate::load(const Settings &settings)
{
    if (settings.tlsCert.isEmpty() || settings.tlsKey.isEmpty())
        return fail(ErrorCode::InvalidConfig,
                    tr("TLS takes tls_cert and tls_key, both; %1 is not set")
                        .arg(settings.tlsCert.isEmpty() ? "tls_cert"_L1 : "tls_key"_L1));
    if (!QSslSocket::supportsSsl())
        return fail(ErrorCode::StartFailed,
                    tr("TLS is not there: Qt finds no OpenSSL on this machine"));
    ServerCertificate loaded({settings.tlsCert, settings.tlsKey, settings.clientCa});
    loaded.m_times = loaded.times();
    return read(loaded.m_files).map([&](const QSslConfiguration &configuration) {
        loaded.m_configuration = configuration;
        if (loaded.expires() < QDateTime::currentDateTimeUtc())
            qCWarning(lcTls).noquote()
                << tr("tls_cert: %1 expired on %2, so clients will refuse it")
                       .arg(settings.tlsCert, loaded.expires().toString(Qt::ISODate));
        return loaded;
    });
}

Result<QSslConfiguration> ServerCertificate::read(const Files &files)
{
    const auto certificates = certificatesOf("tls_cert"_L1, files.certificate);
    if (!certificates)
        return tl::unexpected(certificates.error());
    const auto key = keyOf(files.key);
    if (!key)
        return tl::unexpected(key.error());
    const bool asks = !files.clientAuthority.isEmpty();
    const auto authorities = asks ? certificatesOf("client_ca"_L1, files.clientAuthority)
                                  : Result<QList<QSslCertificate>>(QList<QSslCertificate>());
    if (!authorities)
        return tl::unexpected(authorities.error());
    QSslConfiguration configuration;
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setLocalCertificateChain(*certificates);
    configuration.setPrivateKey(*key);
    configuration.setCaCertificates(*authorities);
    configuration.setPeerVerifyMode(asks ? QSslSocket::VerifyPeer : QSslSocket::VerifyNone);
    return configuration;
}

ServerCertificate::Times ServerCertificate::times() const
{
    Times times;
    for (const QString &path : {m_files.certificate, m_files.key, m_files.clientAuthority})
        times.append(QFileInfo(path).lastModified());
    return times;
}

const QSslConfiguration &ServerCertificate::current()
{
    if (const Times now = times(); now != m_times) {
        m_times = now;
        if (const auto configuration = read(m_files))
            m_configuration = *configuration;
        else
            qCWarning(lcTls).noquote()
                << tr("the earlier certificate stays: %1").arg(configuration.error().message);
    }
    return m_configuration;
}

QStringList ServerCertificate::names() const
{
    QStringList names = m_configuration.localCertificate().subjectAlternativeNames().values();
    names.removeIf([](const QString &name) { return name.contains(u'*'); });
    return names;
}

QString ServerCertificate::fingerprint() const
{
    const QByteArray digest = m_configuration.localCertificate().digest(QCryptographicHash::Sha256);
    return QString::fromLatin1(digest.toHex(':').toUpper());
}

QDateTime ServerCertificate::expires() const
{
    return m_configuration.localCertificate().expiryDate();
}

Role roleOf(const QSslCertificate &certificate)
{
    constexpr std::array roles = {Role::Read, Role::Control, Role::Admin};
    Role granted = Role::None;
    const QStringList units = certificate.subjectInfo(QSslCertificate::OrganizationalUnitName);
    for (const Role role : roles) {
        if (units.contains(toString(role)))
            granted = role;
    }
    return granted;
}

} // namespace pmdaemon

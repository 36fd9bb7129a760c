// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/config/settings.h"
#include "core/model/command.h"
#include "core/model/result.h"

#include <QDateTime>
#include <QSslConfiguration>

namespace pmdaemon {

/// What the daemon shows to those who speak TLS with it, and asks of them: the files of the
/// settings tls_cert, tls_key and client_ca, in PEM. TLS 1.2 at least.
class ServerCertificate
{
public:
    /// Reads the files. InvalidConfig with the setting, the file and what is wrong with it; a key
    /// that everybody can read is wrong, too.
    static Result<ServerCertificate> load(const Settings &settings);

    /// For the next connection. Files that were replaced since are read anew; as long as they
    /// cannot be used, that is said in the log and what was shown before goes on.
    const QSslConfiguration &current();
    /// The host names and addresses that it is for, without those that hold a `*`.
    QStringList names() const;
    /// For people to compare: SHA-256 of the certificate, "AB:CD:…".
    QString fingerprint() const;
    QDateTime expires() const;

private:
    struct Files
    {
        QString certificate;
        QString key;
        QString clientAuthority; ///< empty = clients show none
    };
    /// When each of the files was changed last.
    using Times = QList<QDateTime>;

    explicit ServerCertificate(Files files)
        : m_files(std::move(files))
    {}
    static Result<QSslConfiguration> read(const Files &files);
    Times times() const;

    Files m_files;
    Times m_times;
    QSslConfiguration m_configuration;
};

/// What the certificate of a client, already verified, grants: the role that is an organisational
/// unit (OU) of its subject, the highest of several; None where there is no such.
Role roleOf(const QSslCertificate &certificate);

} // namespace pmdaemon

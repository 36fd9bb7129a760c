// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/auth/authorize.h"

#include "core/config/specfields.h"

#include <QCoreApplication>
#include <QUrl>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Authorize", text);
}

tl::unexpected<Refusal> refuse(int status, const QString &message, const QString &log = {})
{
    return tl::unexpected(Refusal{{status, message}, false, log});
}

constexpr std::array loopbackNames = {"localhost"_L1, "127.0.0.1"_L1, "[::1]"_L1};
constexpr std::array forwardingFields = {QByteArrayView("forwarded"), QByteArrayView("via"),
                                         QByteArrayView("x-real-ip")};
constexpr std::array tokenParameters = {"token"_L1,  "access_token"_L1,  "api_key"_L1,
                                        "apikey"_L1, "api-key"_L1,       "x-api-key"_L1,
                                        "bearer"_L1, "authorization"_L1, "jwt"_L1};
constexpr QByteArrayView protocolPrefix = "pmdaemon.bearer.";

/// "host" of "host:port", in lower case; an IPv6 address keeps its brackets. Empty if malformed.
QString hostName(const QString &hostAndPort)
{
    const qsizetype bracket = hostAndPort.indexOf(u']');
    const qsizetype colon = hostAndPort.indexOf(u':', std::max<qsizetype>(bracket, 0));
    const QStringView port = colon < 0 ? QStringView() : QStringView(hostAndPort).sliced(colon + 1);
    const bool digits =
        std::all_of(port.begin(), port.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
    if (!digits || port.size() > 5)
        return {};
    return (colon < 0 ? hostAndPort : hostAndPort.first(colon)).toLower();
}

bool isLoopbackName(const QString &name)
{
    return std::find(loopbackNames.begin(), loopbackNames.end(), name) != loopbackNames.end();
}

/// A settings' address as it stands in a Host field.
QString bracketed(const QString &address)
{
    return address.contains(u':') ? u'[' + address + u']' : address;
}

bool isAllowedHost(const QString &hostField, const Settings &settings)
{
    const QString name = hostName(hostField);
    if (name.isEmpty())
        return false;
    // An address that stands for all of them is none that a client could mean.
    const auto bound = [&](const QString &address) {
        return !QHostAddress(address).isEqual(QHostAddress::AnyIPv4) &&
               !QHostAddress(address).isEqual(QHostAddress::AnyIPv6) &&
               bracketed(address).toLower() == name;
    };
    const auto listed = [&](const QString &allowed) {
        return allowed.toLower() == name || allowed.toLower() == hostField.toLower();
    };
    return isLoopbackName(name) ||
           std::any_of(settings.hosts.cbegin(), settings.hosts.cend(), bound) ||
           std::any_of(settings.allowedHosts.cbegin(), settings.allowedHosts.cend(), listed);
}

enum class Origin { None, Own, Loopback, Listed, ListedNull, Foreign };

Origin classify(const RequestHead &request, const Settings &settings)
{
    if (!request.has("origin"))
        return Origin::None;
    const QString origin = QString::fromUtf8(request.field("origin")).toLower();
    const auto same = [&](const QString &allowed) { return allowed.toLower() == origin; };
    if (std::any_of(settings.allowedOrigins.cbegin(), settings.allowedOrigins.cend(), same))
        return origin == "null"_L1 ? Origin::ListedNull : Origin::Listed;
    const QString authority = origin.section(u"://"_s, 1);
    const QString scheme = origin.section(u"://"_s, 0, 0);
    if (scheme != "http"_L1 && scheme != "https"_L1)
        return Origin::Foreign;
    if (authority == QString::fromUtf8(request.field("host")).toLower())
        return Origin::Own;
    return isLoopbackName(hostName(authority)) ? Origin::Loopback : Origin::Foreign;
}

bool hasTokenInQuery(const RequestHead &request, const TokenTable &tokens)
{
    for (const QByteArray &pair : request.query.split('&')) {
        const qsizetype equals = pair.indexOf('=');
        const QString name = QUrl::fromPercentEncoding(pair.first(std::max<qsizetype>(equals, 0)));
        const QByteArray value = QByteArray::fromPercentEncoding(pair.sliced(equals + 1));
        const auto named = [&](QLatin1StringView each) {
            return name.compare(each, Qt::CaseInsensitive) == 0;
        };
        if (std::any_of(tokenParameters.begin(), tokenParameters.end(), named) ||
            (!value.isEmpty() && tokens.roleOf(value) != Role::None))
            return true;
    }
    return false;
}

/// Every token that the request shows, wherever. An Authorization of another kind counts as a wrong
/// one: whoever sends it expects to be checked.
QList<QByteArray> shownTokens(const RequestHead &request)
{
    QList<QByteArray> tokens;
    if (request.has("authorization")) {
        const QByteArray value = request.field("authorization");
        const qsizetype space = value.indexOf(' ');
        const QByteArray scheme = value.first(std::max<qsizetype>(space, 0)).toLower();
        const bool known = scheme == "bearer" || scheme == "apikey";
        tokens.append(known ? value.sliced(space + 1).trimmed() : QByteArray());
    }
    if (request.has("x-api-key"))
        tokens.append(request.field("x-api-key").trimmed());
    for (const RequestHead::Field &field : request.fields) {
        if (field.name != "sec-websocket-protocol")
            continue;
        for (const QByteArray &entry : field.value.split(',')) {
            if (entry.trimmed().startsWith(protocolPrefix))
                tokens.append(entry.trimmed().sliced(protocolPrefix.size()));
        }
    }
    return tokens;
}

bool cameThroughProxy(const RequestHead &request)
{
    return std::any_of(request.fields.cbegin(), request.fields.cend(), [](const auto &field) {
        return field.name.startsWith("x-forwarded") ||
               std::find(forwardingFields.begin(), forwardingFields.end(), field.name) !=
                   forwardingFields.end();
    });
}

/// Why somebody without a token is not simply local; empty if it is.
QString notLocal(const RequestHead &request, const Peer &peer, const Settings &settings)
{
    if (settings.requireAuth)
        return tr("This daemon requires a token (require_auth).");
    if (!peer.address.isLoopback())
        return tr("A token is needed from another machine.");
    if (cameThroughProxy(request))
        return tr("A token is needed through a proxy (Forwarded, X-Forwarded-* or Via was sent).");
    if (!peer.uid)
        return tr("A token is needed: which user is connected could not be found out.");
    if (*peer.uid != peer.ownUid && *peer.uid != 0)
        return tr("A token is needed: the daemon belongs to user %1, and you are user %2.")
            .arg(peer.ownUid)
            .arg(*peer.uid);
    return {};
}

QString howToShowToken()
{
    return u' ' + tr("Send it as \"Authorization: Bearer TOKEN\" or \"X-API-Key: TOKEN\"; the "
                     "daemon's own user finds it in the file \"token\" of the run directory.");
}

tl::expected<Grant, Refusal> grantByTokens(const QList<QByteArray> &shown, const TokenTable &tokens)
{
    Grant grant{.role = Role::None};
    for (const QByteArray &token : shown) {
        const Role role = tokens.roleOf(token);
        if (role == Role::None)
            return tl::unexpected(Refusal{
                {401, tr("The token is wrong or has expired.") + howToShowToken()}, true, {}});
        grant.role = std::max(grant.role, role);
        grant.tokens.append(tokenDigest(token));
    }
    return grant;
}

tl::expected<Grant, Refusal> grantLocally(const RequestHead &request, Access access, Origin origin,
                                          const Peer &peer, const Settings &settings)
{
    // A browser shows a certificate for every page that asks.
    if (peer.certified != Role::None && origin == Origin::None)
        return Grant{.role = peer.certified, .byCertificate = true};
    if (access == Access::Public)
        return Grant{};
    if (access == Access::Change)
        return refuse(401, tr("Changes through REST need a token.") + howToShowToken());
    if (const QString reason = notLocal(request, peer, settings); !reason.isEmpty())
        return refuse(401, reason + howToShowToken());
    const bool trusted =
        access == Access::WebSocket && origin == Origin::None && settings.localTrust;
    return Grant{.role = trusted ? Role::Admin : Role::Read};
}

/// A page of another site can have a browser send a body of these kinds without asking first.
std::optional<Refusal> refuseChange(const RequestHead &request, Origin origin)
{
    const QByteArray site = request.field("sec-fetch-site").toLower();
    const bool isOurs = site.isEmpty() || site == "same-origin" || site == "same-site" ||
                        site == "none" || origin == Origin::Listed;
    if (!isOurs)
        return Refusal{{403, tr("Pages of other sites change nothing here (Sec-Fetch-Site: %1).")
                                 .arg(QString::fromUtf8(site))},
                       false,
                       {}};
    const QByteArray encoding = request.field("content-encoding").toLower();
    if (!encoding.isEmpty() && encoding != "identity")
        return Refusal{
            {415, tr("A body is read as it is; send it without Content-Encoding.")}, false, {}};
    const QByteArray type =
        request.field("content-type").split(';').constFirst().trimmed().toLower();
    if (request.hasBody() && type != "application/json")
        return Refusal{
            {415, tr("Send the body as JSON, with Content-Type: application/json.")}, false, {}};
    return {};
}

} // namespace

tl::expected<Grant, Refusal> authorize(const RequestHead &request, Access access, const Peer &peer,
                                       const Settings &settings, const TokenTable &tokens)
{
    if (!request.has("host"))
        return refuse(400, tr("The request has no Host field."));
    const QString host = QString::fromUtf8(request.field("host"));
    if (!isAllowedHost(host, settings))
        return refuse(421,
                      tr("This daemon is not called \"%1\". Names other than loopback ones are "
                         "listed in the setting allowed_hosts.")
                          .arg(host),
                      u"refused the host %1; the setting allowed_hosts would admit it"_s.arg(host));
    if (hasTokenInQuery(request, tokens))
        return refuse(400, tr("A token does not belong into a URL, where logs and histories keep "
                              "it.") +
                               howToShowToken());
    const Origin origin = classify(request, settings);
    const QString originText = QString::fromUtf8(request.field("origin"));
    if (origin == Origin::Foreign)
        return refuse(
            403,
            tr("Pages from %1 may not use this daemon. Its owner can list that "
               "origin in the setting allowed_origins.")
                .arg(originText),
            u"refused the origin %1; the setting allowed_origins would admit it"_s.arg(originText));

    const QList<QByteArray> shown = shownTokens(request);
    auto grant = shown.isEmpty() ? grantLocally(request, access, origin, peer, settings)
                                 : grantByTokens(shown, tokens);
    if (!grant)
        return grant;
    if (access == Access::Change && grant->role < Role::Control)
        return refuse(403, tr("This token may only read. Changes need one with the role control: "
                              "pmdaemon token create NAME --role control"));
    if (access == Access::Change) {
        if (const auto refusal = refuseChange(request, origin))
            return tl::unexpected(*refusal);
    }
    if (access == Access::WebSocket && settings.wsReadOnly)
        grant->role = std::min(grant->role, Role::Read);
    grant->restricted = origin == Origin::ListedNull && !grant->byProof();
    if (origin == Origin::Listed || origin == Origin::ListedNull)
        grant->allowOrigin = request.field("origin");
    return grant;
}

bool isStillGranted(const Grant &grant, const TokenTable &tokens, WallTime now)
{
    return std::none_of(grant.tokens.begin(), grant.tokens.end(), [&](const QByteArray &digest) {
        return tokens.roleOfDigest(digest, now) == Role::None;
    });
}

std::optional<Error> refuseDefinitions(Role role, const QList<QJsonObject> &apps)
{
    if (role != Role::Control)
        return std::nullopt;
    for (const QJsonObject &app : apps) {
        const auto spec = specFromJson(app, u"app"_s);
        if (!spec)
            continue;
        const std::array forAdmins = {std::pair{"user"_L1, !spec->user.isEmpty()},
                                      std::pair{"group"_L1, !spec->group.isEmpty()},
                                      std::pair{"shell"_L1, spec->shell},
                                      std::pair{"config_file"_L1, !spec->configFile.isEmpty()}};
        for (const auto &[key, isSet] : forAdmins) {
            if (isSet)
                return Error{ErrorCode::ReadOnly, tr("%1: takes the role admin").arg(key)};
        }
    }
    return std::nullopt;
}

Result<Grant> authorizeToken(const QString &token, const Grant &current, const Settings &settings,
                             const TokenTable &tokens)
{
    const Role role = tokens.roleOf(token.toUtf8());
    if (role == Role::None)
        return fail(ErrorCode::Unauthorized, tr("The token is wrong or has expired."));
    Grant raised = current;
    raised.role = settings.wsReadOnly ? Role::Read : std::max(current.role, role);
    raised.restricted = false;
    raised.tokens.append(tokenDigest(token.toUtf8()));
    return raised;
}

} // namespace pmdaemon

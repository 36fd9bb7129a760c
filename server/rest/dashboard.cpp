// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/dashboard.h"

#include "server/rest/staticfiles.h"

#include <QFile>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

// Names and log lines are somebody else's words: nothing but our own files runs or is loaded.
constexpr char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

bool wantsPage(const RequestHead &request)
{
    return request.path == "/"_L1 && request.field("accept").contains("text/html");
}

} // namespace

std::optional<Response> dashboardFile(const RequestHead &request)
{
    const bool isRead = request.method == "GET" || request.method == "HEAD";
    const bool isPage = wantsPage(request);
    if (!isRead || (!isPage && !request.path.startsWith("/web/"_L1)))
        return std::nullopt;
    const QString name = isPage ? u"index.html"_s : request.path.sliced(5);
    QFile file(u":/web/"_s + name);
    if (name.contains(u'/') || !file.open(QIODevice::ReadOnly))
        return std::nullopt;
    Response response{200, contentTypeOfFile(name), file.readAll(), {}};
    response.fields.append(RequestHead::Field{"Content-Security-Policy", policy});
    response.fields.append(RequestHead::Field{"Referrer-Policy", "no-referrer"});
    return response;
}

} // namespace pmdaemon

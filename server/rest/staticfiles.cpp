// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "server/rest/staticfiles.h"

#include "core/slot/uniquefd.h"

#include <QCoreApplication>
#include <QFile>

#include <array>
#include <fcntl.h>
#include <sys/stat.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qint64 MaxSize = 8 * 1024 * 1024;

struct ContentType
{
    QLatin1StringView suffix;
    const char *type;
};

constexpr std::array contentTypes = {
    ContentType{".html"_L1, "text/html; charset=utf-8"},
    ContentType{".css"_L1, "text/css; charset=utf-8"},
    ContentType{".js"_L1, "text/javascript; charset=utf-8"},
    ContentType{".mjs"_L1, "text/javascript; charset=utf-8"},
    ContentType{".json"_L1, "application/json"},
    ContentType{".txt"_L1, "text/plain; charset=utf-8"},
    ContentType{".svg"_L1, "image/svg+xml"},
    ContentType{".png"_L1, "image/png"},
    ContentType{".jpg"_L1, "image/jpeg"},
    ContentType{".webp"_L1, "image/webp"},
    ContentType{".ico"_L1, "image/x-icon"},
    ContentType{".woff2"_L1, "font/woff2"},
};

QString tr(const char *text)
{
    return QCoreApplication::translate("StaticFiles", text);
}

/// Opens part by part, so that no symbolic link leads out of `root`.
UniqueFd openBelow(const QString &root, const QStringList &parts)
{
    UniqueFd at(::open(QFile::encodeName(root).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (qsizetype i = 0; i < parts.size() && at.get() >= 0; ++i) {
        if (parts[i].isEmpty() || parts[i].startsWith(u'.'))
            return UniqueFd();
        // A FIFO must not block us.
        const int kind = i + 1 < parts.size() ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK;
        at = UniqueFd(::openat(at.get(), QFile::encodeName(parts[i]).constData(),
                               kind | O_NOFOLLOW | O_CLOEXEC));
    }
    return at;
}

Response notFound(const RequestHead &request)
{
    return errorResponse({404, tr("There is no file for %1.").arg(request.path)});
}

} // namespace

QByteArray contentTypeOfFile(const QString &path)
{
    for (const ContentType &each : contentTypes) {
        if (path.endsWith(each.suffix, Qt::CaseInsensitive))
            return each.type;
    }
    return "application/octet-stream";
}

Response serveFile(const QString &root, const RequestHead &request)
{
    if (request.method != "GET" && request.method != "HEAD") {
        Response refused = errorResponse({405, tr("Files can only be read.")});
        refused.fields.append(RequestHead::Field{"Allow", "GET, HEAD"});
        return refused;
    }
    QString path = request.path.sliced(qsizetype(sizeof webRootPath) - 1);
    if (path.isEmpty() || path.endsWith(u'/'))
        path += "index.html"_L1;
    const UniqueFd fd = openBelow(root, path.split(u'/'));
    struct stat status = {};
    if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return notFound(request);
    if (status.st_size > MaxSize)
        return errorResponse({413, tr("%1 is larger than 8 MiB.").arg(request.path)});
    QFile file;
    if (!file.open(fd.get(), QIODevice::ReadOnly))
        return notFound(request);
    Response response{200, contentTypeOfFile(path), file.read(MaxSize), {}};
    // The user's own pages may run what stands in them, and talk to this daemon.
    response.fields.append(RequestHead::Field{
        "Content-Security-Policy", "default-src 'self' 'unsafe-inline' data:; "
                                   "connect-src 'self' ws: wss:; frame-ancestors 'none'"});
    return response;
}

} // namespace pmdaemon

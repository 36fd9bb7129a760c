// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/output.h"

#include "app/cli/clitext.h"
#include "app/cli/exitcode.h"
#include "app/cli/sanitize.h"

#include <QFile>
#include <QJsonDocument>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

bool writeAll(int fd, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t written = ::write(fd, bytes.data(), static_cast<std::size_t>(bytes.size()));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes = bytes.sliced(written);
    }
    return true;
}

} // namespace

Output::Output(const Wishes &wishes)
    : m_wishes(wishes)
    , m_isTerminal(::isatty(STDOUT_FILENO) == 1)
{
    m_wishes.noColour = m_wishes.noColour || !qEnvironmentVariableIsEmpty("NO_COLOR");
}

bool Output::unicode() const
{
    return qstrcmp(::nl_langinfo(CODESET), "UTF-8") == 0;
}

int Output::width() const
{
    return m_isTerminal ? std::max(0, terminalSize().width()) : 0;
}

QSize terminalSize()
{
    winsize size = {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return {};
    return {size.ws_col, size.ws_row};
}

void Output::write(const QByteArray &bytes)
{
    if (writeAll(STDOUT_FILENO, bytes))
        return;
    if (errno != EPIPE) // who reads has seen enough
        complain(Cli::tr("cannot write the output: %1").arg(qt_error_string(errno)));
    std::_Exit(static_cast<int>(ExitCode::Failure));
}

void Output::write(const QJsonArray &array)
{
    m_hasValue = true;
    write(QJsonDocument(array).toJson(QJsonDocument::Compact) + '\n');
}

void Output::write(const QJsonObject &object)
{
    m_hasValue = true;
    write(QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n');
}

void Output::say(const QString &text)
{
    if (!m_wishes.quiet && !m_wishes.json)
        write(QString(text + u'\n').toUtf8());
}

void Output::advise(const QString &text)
{
    if (!m_wishes.quiet && !m_wishes.json)
        complain(text);
}

void Output::complain(const QString &text)
{
    progress({});
    // Some of these texts come from a daemon that may be anybody's.
    QByteArray out;
    for (const QByteArray &line : text.toUtf8().split('\n'))
        out += (out.isEmpty() ? "pmdaemon: " : "  ") + harmless(line, Colours::Strip) + '\n';
    writeAll(STDERR_FILENO, out);
}

void Output::progress(const QString &text)
{
    if (m_wishes.quiet || ::isatty(STDERR_FILENO) != 1 || (text.isEmpty() && !m_showsProgress))
        return;
    m_showsProgress = !text.isEmpty();
    writeAll(STDERR_FILENO, QString("\r\x1b[K"_L1 + text).toUtf8());
}

bool canAsk()
{
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

bool askYesNo(const QString &question)
{
    writeAll(STDERR_FILENO, QString(question + u' ' + Cli::tr("[y/N]") + u' ').toUtf8());
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return false;
    const QString answer = QString::fromUtf8(input.readLine(64)).trimmed().toLower();
    const QStringList yes = {u"y"_s, u"yes"_s, Cli::tr("y"), Cli::tr("yes")};
    return yes.contains(answer);
}

} // namespace pmdaemon

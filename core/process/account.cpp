// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/account.h"

#include "core/slot/launchlimits.h"

#include <QCoreApplication>

#include <array>
#include <cerrno>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t bufferSize = 16'384;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Account)
};

tl::unexpected<Error> unknown(const QString &message, const QString &key, const QString &name)
{
    return fail(ErrorCode::StartFailed, message.arg(name),
                {{u"step"_s, key}, {u"errno"_s, ENOENT}, {u"path"_s, name}});
}

std::optional<uint> numberIn(const QString &text)
{
    bool isNumber = false;
    const uint number = text.toUInt(&isNumber);
    return isNumber ? std::optional(number) : std::nullopt;
}

Result<void> findUser(const QString &user, Account &account)
{
    std::array<char, bufferSize> buffer;
    passwd entry = {};
    passwd *found = nullptr;
    const std::optional<uint> number = numberIn(user);
    if (number)
        ::getpwuid_r(*number, &entry, buffer.data(), buffer.size(), &found);
    else
        ::getpwnam_r(user.toLocal8Bit().constData(), &entry, buffer.data(), buffer.size(), &found);
    if (!found && !number)
        return unknown(Words::tr("user “%1” is not known on this machine"), u"user"_s, user);
    account.user = number.value_or(entry.pw_uid);
    if (!found)
        return {};
    account.group = entry.pw_gid;
    account.name = QString::fromLocal8Bit(entry.pw_name);
    account.home = QString::fromLocal8Bit(entry.pw_dir);
    account.shell = QString::fromLocal8Bit(entry.pw_shell);
    int count = LaunchLimits::maxGroups;
    account.groups.resize(std::size_t(count));
    if (::getgrouplist(entry.pw_name, entry.pw_gid, account.groups.data(), &count) < 0)
        count = LaunchLimits::maxGroups;
    account.groups.resize(std::size_t(count));
    return {};
}

Result<void> findGroup(const QString &group, Account &account)
{
    if (const std::optional<uint> number = numberIn(group)) {
        account.group = *number;
        return {};
    }
    std::array<char, bufferSize> buffer;
    ::group entry = {};
    ::group *found = nullptr;
    ::getgrnam_r(group.toLocal8Bit().constData(), &entry, buffer.data(), buffer.size(), &found);
    if (!found)
        return unknown(Words::tr("group “%1” is not known on this machine"), u"group"_s, group);
    account.group = entry.gr_gid;
    return {};
}

} // namespace

Result<std::optional<Account>> accountOf(const ProcessSpec &spec)
{
    Account account;
    if (!spec.user.isEmpty()) {
        if (const Result<void> found = findUser(spec.user, account); !found)
            return tl::unexpected(found.error());
    }
    if (!spec.group.isEmpty()) {
        if (const Result<void> found = findGroup(spec.group, account); !found)
            return tl::unexpected(found.error());
    }
    const bool isSameUser = account.user == uid_t(-1) || account.user == ::geteuid();
    const bool isSameGroup = account.group == gid_t(-1) || account.group == ::getegid();
    if (isSameUser && isSameGroup)
        return std::nullopt;
    return account;
}

} // namespace pmdaemon

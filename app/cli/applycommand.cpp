// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/ecosystemapps.h"
#include "core/config/specfields.h"
#include "core/protocol/servermessage.h"

#include <QFile>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

using Kind = AppChange::Kind;

// In the order of AppChange::Kind.
constexpr std::array signs = {u'=', u'+', u'~', u'-'};

QString sentence(const AppChange &change, bool dryRun)
{
    const QString fields = change.fields.join(u", "_s);
    switch (change.kind) {
    case Kind::Added:
        return dryRun ? Cli::tr("would be added and started") : Cli::tr("added and started");
    case Kind::Removed:
        return dryRun ? Cli::tr("would be stopped and removed") : Cli::tr("stopped and removed");
    case Kind::Changed:
        if (change.restarts)
            return dryRun ? Cli::tr("would be restarted for %1").arg(fields)
                          : Cli::tr("restarted for %1").arg(fields);
        return dryRun ? Cli::tr("would be changed as it runs: %1").arg(fields)
                      : Cli::tr("changed as it runs: %1").arg(fields);
    case Kind::Unchanged:
        break;
    }
    return Cli::tr("unchanged");
}

void tell(Output &output, const ApplyReport &report)
{
    int unchanged = 0;
    for (const AppChange &change : report.apps) {
        if (change.error) {
            output.complain(u"%1: %2"_s.arg(change.app, change.error->message));
        } else if (change.kind == Kind::Unchanged) {
            ++unchanged;
        } else {
            output.say(u"%1 %2: %3"_s.arg(QChar(signs[std::size_t(change.kind)]), change.app,
                                          sentence(change, report.dryRun)));
        }
    }
    if (unchanged > 0)
        output.say(Cli::tr("= %n app(s) unchanged", nullptr, unchanged));
}

ExitCode codeOf(const ApplyReport &report)
{
    const auto failed = std::find_if(report.apps.begin(), report.apps.end(),
                                     [](const AppChange &change) { return change.error; });
    if (failed == report.apps.end())
        return ExitCode::Ok;
    const Action action = failed->kind == Kind::Removed   ? Action::Delete
                          : failed->kind == Kind::Changed ? Action::Reload
                                                          : Action::Start;
    return exitCodeFor(*failed->error, action);
}

tl::expected<Ecosystem, Failure> readEcosystem(Context &context, const FileOptions &options)
{
    return ecosystemOr(options.file).and_then([&](const QString &file) {
        return readEcosystem(context, file, options.reading);
    });
}

ExitCode apply(Context &context, const FileOptions &options, bool dryRun)
{
    const auto ecosystem = readEcosystem(context, options);
    return ecosystem ? applyApps(context, ecosystem->apps, ecosystem->files, dryRun)
                     : report(context, ecosystem.error());
}

// Given above, or set by whoever reads the file.
constexpr std::array notShown = {"name"_L1, "script"_L1, "config_file"_L1, "config_env"_L1};

/// One line of the example, as a comment: the default stands for itself.
QByteArray exampleLine(const SpecField &field)
{
    const QString about = QCoreApplication::translate("SpecField", field.description);
    return u"    # %1:  # %2 (%3)\n"_s.arg(field.key, about, field.accepted).toUtf8();
}

QByteArray example()
{
    QByteArray text = Cli::tr("# What runs here; `pmdaemon apply` makes it so, `pmdaemon diff` "
                              "shows what that would do.")
                          .toUtf8() +
                      "\napps:\n"
                      "  - name: hello\n"
                      "    script: sh -c \"while true; do echo hello; sleep 5; done\"\n";
    for (const SpecField &field : specFields()) {
        const bool isElsewhere =
            std::find(notShown.begin(), notShown.end(), field.key) != notShown.end();
        if (!isElsewhere && !field.isAlias)
            text += exampleLine(field);
    }
    return text;
}

} // namespace

ExitCode applyApps(Context &context, const QList<ProcessSpec> &apps, const QStringList &files,
                   bool dryRun)
{
    ApplyRequest request{.apps = {}, .files = files, .dryRun = dryRun};
    for (const ProcessSpec &spec : apps)
        request.apps.append(specToJson(spec));
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    const Result<ApplyReport> done = await(context.session.backend().apply(request));
    if (!done)
        return report(context, {exitCodeFor(done.error(), Action::Reload), done.error().message});
    if (context.output.json())
        context.output.write(toJson(*done));
    else
        tell(context.output, *done);
    return codeOf(*done);
}

ExitCode runApply(Context &context, const FileOptions &options)
{
    return apply(context, options, false);
}

ExitCode runDiff(Context &context, const FileOptions &options)
{
    return apply(context, options, true);
}

ExitCode runValidate(Context &context, const FileOptions &options)
{
    const auto ecosystem = readEcosystem(context, options);
    if (!ecosystem)
        return report(context, ecosystem.error());
    if (context.output.json()) {
        QJsonArray apps;
        for (const ProcessSpec &spec : ecosystem->apps)
            apps.append(specToJson(spec));
        context.output.write(QJsonObject{{u"apps"_s, apps}});
    }
    context.output.say(
        ecosystem->files.constFirst() + ": "_L1 +
        Cli::tr("%n app(s), nothing is wrong", nullptr, int(ecosystem->apps.size())));
    return ExitCode::Ok;
}

ExitCode runInit(Context &context, const FileOptions &options)
{
    const QString path = options.file.isEmpty() ? u"ecosystem.yaml"_s : options.file;
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly)) {
        const bool exists = QFile::exists(path);
        return report(context,
                      {exists ? ExitCode::Exists : ExitCode::Failure,
                       exists ? Cli::tr("%1 exists already").arg(path)
                              : Cli::tr("%1 cannot be written: %2").arg(path, file.errorString())});
    }
    const QByteArray text = example();
    if (file.write(text) != text.size() || !file.flush())
        return report(context, {ExitCode::Failure,
                                Cli::tr("%1 cannot be written: %2").arg(path, file.errorString())});
    context.output.say(Cli::tr("%1 is there; edit it, then `pmdaemon apply`").arg(path));
    return ExitCode::Ok;
}

} // namespace pmdaemon

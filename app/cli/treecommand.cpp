// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/carryout.h"
#include "app/cli/clitext.h"
#include "app/cli/sanitize.h"

#include <QDir>
#include <QFile>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Node
{
    QString name;
    QJsonObject facts = {}; ///< beside the name, for programs
    QList<Node> children = {};
};

QByteArray readAll(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QList<qint64> childrenOf(qint64 pid)
{
    const QString tasks = u"/proc/%1/task"_s.arg(pid);
    QList<qint64> children;
    for (const QString &thread : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        const QByteArray text = readAll(tasks + u'/' + thread + "/children"_L1).trimmed();
        for (const QByteArray &child : text.split(' ')) {
            if (!child.isEmpty())
                children.append(child.toLongLong());
        }
    }
    return children;
}

/// What a process has started, as proc(5) knows it.
QList<Node> descendantsOf(qint64 pid)
{
    constexpr int longest = 80;
    QList<Node> nodes;
    for (const qint64 child : childrenOf(pid)) {
        QByteArray command = readAll(u"/proc/%1/cmdline"_s.arg(child));
        command.replace('\0', ' ');
        const QString text = QString::fromUtf8(command).trimmed();
        nodes.append({u"%1 %2"_s.arg(QString::number(child), text.left(longest)),
                      {{u"pid"_s, child}, {u"command"_s, text}},
                      descendantsOf(child)});
    }
    return nodes;
}

Node nodeOf(const ProcessEntry &entry, bool isLocal)
{
    Node node{entry.name + " ("_L1 + toString(entry.status) + u')',
              {{u"name"_s, entry.name},
               {u"id"_s, toInt(entry.id)},
               {u"status"_s, toString(entry.status)},
               {u"pid"_s, entry.pid ? QJsonValue(*entry.pid) : QJsonValue::Null}}};
    if (entry.pid)
        node.name += u' ' + QString::number(*entry.pid);
    if (entry.pid && isLocal)
        node.children = descendantsOf(*entry.pid);
    return node;
}

/// By namespace; an app of several instances is a level of its own.
QList<Node> treeOf(const Backend &backend, bool isLocal)
{
    QMap<QString, QMap<QString, QList<Node>>> apps;
    for (const ProcessEntry &entry : backend.processes())
        apps[entry.nameSpace][entry.app].append(nodeOf(entry, isLocal));
    QList<Node> roots;
    for (auto space = apps.cbegin(); space != apps.cend(); ++space) {
        Node root{space.key(), {{u"namespace"_s, space.key()}}};
        for (auto app = space->cbegin(); app != space->cend(); ++app) {
            if (app->size() == 1)
                root.children.append(*app);
            else
                root.children.append({app.key(), {{u"app"_s, app.key()}}, *app});
        }
        roots.append(root);
    }
    return roots;
}

QByteArray textOf(const QList<Node> &nodes, const QString &indent, bool isUnicode)
{
    QByteArray text;
    for (qsizetype i = 0; i < nodes.size(); ++i) {
        const bool isLast = i + 1 == nodes.size();
        const QString branch = isUnicode ? (isLast ? u"└─ "_s : u"├─ "_s) : u"+- "_s;
        const QString trunk = isLast ? u"   "_s : (isUnicode ? u"│  "_s : u"|  "_s);
        const QString line = indent + branch + nodes[i].name;
        text += harmless(line.toUtf8(), Colours::Strip) + '\n';
        text += textOf(nodes[i].children, indent + trunk, isUnicode);
    }
    return text;
}

QJsonArray toJson(const QList<Node> &nodes)
{
    QJsonArray array;
    for (const Node &node : nodes) {
        QJsonObject object = node.facts;
        object.insert(u"children"_s, toJson(node.children));
        array.append(object);
    }
    return array;
}

} // namespace

ExitCode runTree(Context &context)
{
    if (const auto connected = context.session.connect(); !connected)
        return report(context, connected.error());
    const bool isLocal = context.session.options().host.isEmpty();
    const QList<Node> roots = treeOf(context.session.backend(), isLocal);
    if (context.output.json()) {
        context.output.write(toJson(roots));
        return ExitCode::Ok;
    }
    for (const Node &root : roots)
        context.output.write(harmless(root.name.toUtf8(), Colours::Strip) + '\n' +
                             textOf(root.children, {}, context.output.unicode()));
    return ExitCode::Ok;
}

} // namespace pmdaemon

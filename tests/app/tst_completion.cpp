// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/completion.h"

#include <QTest>

#include <CLI/CLI.hpp>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

class TestCompletion : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void completes_data();
    void completes();
    void describesWhatItOffers();
    void namesProcesses();
    void hasAScriptForEachShell();

private:
    CLI::App m_tree{"", "pmdaemon"};
    std::string m_text;
    std::vector<std::string> m_texts;
    bool m_flag = false;
};

void TestCompletion::initTestCase()
{
    m_tree.add_option("--home", m_text, "the folder (absolute)");
    m_tree.add_flag("-q,--quiet", m_flag);
    CLI::App *stop = m_tree.add_subcommand("stop", "stop processes");
    stop->alias("halt");
    stop->add_option("TARGET", m_texts);
    CLI::App *start = m_tree.add_subcommand("start", "start one");
    start->add_option("SCRIPT|CONFIG|NAME", m_text);
    start->add_option("ARGS", m_texts);
    start->add_flag("--watch,!--no-watch", m_flag);
    CLI::App *logs = m_tree.add_subcommand("logs");
    logs->add_option("TARGET", m_texts);
    logs->add_option("--level", m_text);
    CLI::App *scale = m_tree.add_subcommand("scale");
    scale->add_option("APP", m_text);
    scale->add_option("N", m_text);
    CLI::App *signal = m_tree.add_subcommand("signal");
    signal->add_option("SIGNAL", m_text);
    signal->add_option("TARGET", m_texts);
    m_tree.add_subcommand("validate")->add_option("FILE", m_text);
    m_tree.add_subcommand("help")->add_option("COMMAND", m_text);
    m_tree.add_subcommand("completion")->add_option("SHELL", m_text);
}

void TestCompletion::completes_data()
{
    QTest::addColumn<QString>("words"); // the last one is completed
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *words, const char16_t *expected) {
        QTest::newRow(words) << QString::fromLatin1(words) << QString::fromUtf16(expected);
    };
    row("", u"stop start logs scale signal validate help completion");
    row("st", u"stop start");
    row("nothing", u"");
    row("--h", u"--help --home");
    row("--home ", u":files");
    row("--home /x st", u"stop start");
    row("--home=/x st", u"stop start");
    row("-q st", u"stop start");
    row("stop ", u":processes");
    row("halt x ", u":processes");
    row("stop --q", u"--quiet");
    row("start ", u":processes :files");
    row("start x ", u":files");
    row("start --w", u"--watch");
    row("start -- --w", u":processes :files");
    row("logs --level ", u"trace debug info warn error fatal");
    row("logs --level w", u"warn");
    row("scale ", u":processes");
    row("scale x ", u"");
    row("signal SIGU", u"SIGUSR1 SIGUSR2");
    row("signal HUP ", u":processes");
    row("validate ", u":files");
    row("help sta", u"start");
    row("completion ", u"bash zsh fish");
}

void TestCompletion::completes()
{
    QFETCH(QString, words);
    QFETCH(QString, expected);
    const Completion completion = completionFor(m_tree, words.split(u' '));
    QStringList texts;
    for (const Candidate &candidate : completion.candidates)
        texts.append(candidate.text);
    if (completion.processes)
        texts.append(u":processes"_s);
    if (completion.files)
        texts.append(u":files"_s);
    QCOMPARE(texts.join(u' '), expected);
}

void TestCompletion::describesWhatItOffers()
{
    QCOMPARE(completionFor(m_tree, {u"sto"_s}).candidates,
             (QList<Candidate>{{u"stop"_s, u"stop processes"_s}}));
    QCOMPARE(completionFor(m_tree, {u"--ho"_s}).candidates,
             (QList<Candidate>{{u"--home"_s, u"the folder"_s}}));
}

void TestCompletion::namesProcesses()
{
    const auto entry = [](const QString &name, const QString &app, const QString &nameSpace) {
        ProcessEntry made;
        made.name = name;
        made.app = app;
        made.nameSpace = nameSpace;
        made.status = ProcessStatus::Online;
        return made;
    };
    const QList<ProcessEntry> processes{entry(u"web-0"_s, u"web"_s, u"shop"_s),
                                        entry(u"web-1"_s, u"web"_s, u"shop"_s),
                                        entry(u"db"_s, u"db"_s, u"default"_s)};
    QCOMPARE(processesFor(processes, {}), (QList<Candidate>{{u"all"_s, {}},
                                                            {u"db"_s, u"online"_s},
                                                            {u"namespace:default"_s, {}},
                                                            {u"namespace:shop"_s, {}},
                                                            {u"web"_s, u"×2"_s},
                                                            {u"web-0"_s, u"online"_s},
                                                            {u"web-1"_s, u"online"_s}}));
    QCOMPARE(processesFor(processes, u"web-"_s).size(), 2);
    QVERIFY(processesFor({}, {}).isEmpty());
}

void TestCompletion::hasAScriptForEachShell()
{
    for (const QString &shell : {u"bash"_s, u"zsh"_s, u"fish"_s})
        QVERIFY(completionScript(shell).value_or(QByteArray()).contains("__complete -- "));
    QVERIFY(!completionScript(u"csh"_s));
}

QTEST_GUILESS_MAIN(TestCompletion)
#include "tst_completion.moc"

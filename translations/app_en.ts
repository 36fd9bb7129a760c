<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>pmdaemon::Actions</name>
    <message numerus="yes">
        <source>Start %n process(es)?</source>
        <translation>
            <numerusform>Start %n process?</numerusform>
            <numerusform>Start %n processes?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start %n Process(es)</source>
        <translation>
            <numerusform>Start %n Process</numerusform>
            <numerusform>Start %n Processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Started %n process(es).</source>
        <translation>
            <numerusform>Started %n process.</numerusform>
            <numerusform>Started %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stop %n process(es)?</source>
        <translation>
            <numerusform>Stop %n process?</numerusform>
            <numerusform>Stop %n processes?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stop %n Process(es)</source>
        <translation>
            <numerusform>Stop %n Process</numerusform>
            <numerusform>Stop %n Processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stopped %n process(es).</source>
        <translation>
            <numerusform>Stopped %n process.</numerusform>
            <numerusform>Stopped %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restart %n process(es)?</source>
        <translation>
            <numerusform>Restart %n process?</numerusform>
            <numerusform>Restart %n processes?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restart %n Process(es)</source>
        <translation>
            <numerusform>Restart %n Process</numerusform>
            <numerusform>Restart %n Processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restarted %n process(es).</source>
        <translation>
            <numerusform>Restarted %n process.</numerusform>
            <numerusform>Restarted %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Reload %n process(es)?</source>
        <translation>
            <numerusform>Reload %n process?</numerusform>
            <numerusform>Reload %n processes?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Reload %n Process(es)</source>
        <translation>
            <numerusform>Reload %n Process</numerusform>
            <numerusform>Reload %n Processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Reloaded %n process(es).</source>
        <translation>
            <numerusform>Reloaded %n process.</numerusform>
            <numerusform>Reloaded %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stop and delete %n process(es)?</source>
        <translation>
            <numerusform>Stop and delete %n process?</numerusform>
            <numerusform>Stop and delete %n processes?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n Process(es)</source>
        <translation>
            <numerusform>Delete %n Process</numerusform>
            <numerusform>Delete %n Processes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n process(es).</source>
        <translation>
            <numerusform>Deleted %n process.</numerusform>
            <numerusform>Deleted %n processes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more
on %2</source>
        <translation>
            <numerusform>%1 and %n more
on %2</numerusform>
            <numerusform>%1 and %n more
on %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pmdaemon::Chart</name>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>%n min ago</numerusform>
            <numerusform>%n min ago</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pmdaemon::LogView</name>
    <message numerus="yes">
        <source>%n more character(s)</source>
        <translation>
            <numerusform>%n more character</numerusform>
            <numerusform>%n more characters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>— %n line(s) dropped —</source>
        <translation>
            <numerusform>— %n line dropped —</numerusform>
            <numerusform>— %n lines dropped —</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new line(s)</source>
        <translation>
            <numerusform>%n new line</numerusform>
            <numerusform>%n new lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pmdaemon::MainWindow</name>
    <message numerus="yes">
        <source>None of %n process(es) matches.</source>
        <extracomment>nothing matches the filter</extracomment>
        <translation>
            <numerusform>None of %n process matches.</numerusform>
            <numerusform>None of %n processes match.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Quit and stop %n process(es)?</source>
        <translation>
            <numerusform>Quit and stop %n process?</numerusform>
            <numerusform>Quit and stop %n processes?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pmdaemon::ProcessModel</name>
    <message numerus="yes">
        <source>, %n restart(s)</source>
        <translation>
            <numerusform>, %n restart</numerusform>
            <numerusform>, %n restarts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pmdaemon::StatusLine</name>
    <message numerus="yes">
        <source>%n process(es)</source>
        <translation>
            <numerusform>%n process</numerusform>
            <numerusform>%n processes</numerusform>
        </translation>
    </message>
</context>
</TS>

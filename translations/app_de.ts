<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>pmdaemon::Actions</name>
    <message>
        <source>&amp;Start</source>
        <translation>&amp;Starten</translation>
    </message>
    <message numerus="yes">
        <source>Start %n process(es)?</source>
        <translation>
            <numerusform>%n Prozess starten?</numerusform>
            <numerusform>%n Prozesse starten?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start %n Process(es)</source>
        <translation>
            <numerusform>%n Prozess starten</numerusform>
            <numerusform>%n Prozesse starten</numerusform>
        </translation>
    </message>
    <message>
        <source>Started %1.</source>
        <translation>%1 gestartet.</translation>
    </message>
    <message numerus="yes">
        <source>Started %n process(es).</source>
        <translation>
            <numerusform>%n Prozess gestartet.</numerusform>
            <numerusform>%n Prozesse gestartet.</numerusform>
        </translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>S&amp;toppen</translation>
    </message>
    <message numerus="yes">
        <source>Stop %n process(es)?</source>
        <translation>
            <numerusform>%n Prozess stoppen?</numerusform>
            <numerusform>%n Prozesse stoppen?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stop %n Process(es)</source>
        <translation>
            <numerusform>%n Prozess stoppen</numerusform>
            <numerusform>%n Prozesse stoppen</numerusform>
        </translation>
    </message>
    <message>
        <source>Stopped %1.</source>
        <translation>%1 gestoppt.</translation>
    </message>
    <message numerus="yes">
        <source>Stopped %n process(es).</source>
        <translation>
            <numerusform>%n Prozess gestoppt.</numerusform>
            <numerusform>%n Prozesse gestoppt.</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Restart</source>
        <translation>&amp;Neu starten</translation>
    </message>
    <message numerus="yes">
        <source>Restart %n process(es)?</source>
        <translation>
            <numerusform>%n Prozess neu starten?</numerusform>
            <numerusform>%n Prozesse neu starten?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restart %n Process(es)</source>
        <translation>
            <numerusform>%n Prozess neu starten</numerusform>
            <numerusform>%n Prozesse neu starten</numerusform>
        </translation>
    </message>
    <message>
        <source>Restarted %1.</source>
        <translation>%1 neu gestartet.</translation>
    </message>
    <message numerus="yes">
        <source>Restarted %n process(es).</source>
        <translation>
            <numerusform>%n Prozess neu gestartet.</numerusform>
            <numerusform>%n Prozesse neu gestartet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Re&amp;load</source>
        <translation>Neu &amp;laden</translation>
    </message>
    <message numerus="yes">
        <source>Reload %n process(es)?</source>
        <translation>
            <numerusform>%n Prozess neu laden?</numerusform>
            <numerusform>%n Prozesse neu laden?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Reload %n Process(es)</source>
        <translation>
            <numerusform>%n Prozess neu laden</numerusform>
            <numerusform>%n Prozesse neu laden</numerusform>
        </translation>
    </message>
    <message>
        <source>Reloaded %1.</source>
        <translation>%1 neu geladen.</translation>
    </message>
    <message numerus="yes">
        <source>Reloaded %n process(es).</source>
        <translation>
            <numerusform>%n Prozess neu geladen.</numerusform>
            <numerusform>%n Prozesse neu geladen.</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>&amp;Löschen</translation>
    </message>
    <message numerus="yes">
        <source>Stop and delete %n process(es)?</source>
        <translation>
            <numerusform>%n Prozess stoppen und löschen?</numerusform>
            <numerusform>%n Prozesse stoppen und löschen?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n Process(es)</source>
        <translation>
            <numerusform>%n Prozess löschen</numerusform>
            <numerusform>%n Prozesse löschen</numerusform>
        </translation>
    </message>
    <message>
        <source>Deleted %1.</source>
        <translation>%1 gelöscht.</translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n process(es).</source>
        <translation>
            <numerusform>%n Prozess gelöscht.</numerusform>
            <numerusform>%n Prozesse gelöscht.</numerusform>
        </translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>Nicht verbunden</translation>
    </message>
    <message>
        <source>Read-only access</source>
        <translation>Nur Lesezugriff</translation>
    </message>
    <message>
        <source>%1
on %2</source>
        <extracomment>which processes, and the host they run on</extracomment>
        <translation>%1
auf %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 and %n more
on %2</source>
        <translation>
            <numerusform>%1 und %n weiterer
auf %2</numerusform>
            <numerusform>%1 und %n weitere
auf %2</numerusform>
        </translation>
    </message>
    <message>
        <source>Failed: %1</source>
        <extracomment>what failed, as &quot;name: why&quot; with semicolons between</extracomment>
        <translation>Fehlgeschlagen: %1</translation>
    </message>
</context>
<context>
    <name>pmdaemon::Banner</name>
    <message>
        <source>%1: read-only access. You can watch, but not start or stop anything.</source>
        <translation>%1: nur Lesezugriff. Sie können zusehen, aber nichts starten oder stoppen.</translation>
    </message>
    <message>
        <source>Connecting to %1…</source>
        <translation>Verbindung zu %1 wird hergestellt …</translation>
    </message>
    <message>
        <source>%1 cannot be reached%2. Trying again.</source>
        <translation>%1 ist nicht erreichbar%2. Es wird weiter versucht.</translation>
    </message>
    <message>
        <source>%1: connection lost %2 ago%3. Values shown are stale. Trying again.</source>
        <translation>%1: Verbindung vor %2 verloren%3. Die Werte sind nicht mehr aktuell. Es wird weiter versucht.</translation>
    </message>
    <message>
        <source>%1 refused the connection%2.</source>
        <translation>%1 hat die Verbindung abgelehnt%2.</translation>
    </message>
    <message>
        <source>Not connected to %1%2.</source>
        <translation>Nicht mit %1 verbunden%2.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>Hinweis</translation>
    </message>
</context>
<context>
    <name>pmdaemon::Chart</name>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>vor %n min</numerusform>
            <numerusform>vor %n min</numerusform>
        </translation>
    </message>
    <message>
        <source>now</source>
        <extracomment>the right end of a time axis</extracomment>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <extracomment>a line of a chart and its newest figure</extracomment>
        <translation>%1 %2</translation>
    </message>
</context>
<context>
    <name>pmdaemon::ConnectionBanner</name>
    <message>
        <source>Retry now</source>
        <translation>Jetzt versuchen</translation>
    </message>
</context>
<context>
    <name>pmdaemon::Format</name>
    <message>
        <source>stopped</source>
        <translation>gestoppt</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>startet</translation>
    </message>
    <message>
        <source>online</source>
        <translation>online</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>stoppt</translation>
    </message>
    <message>
        <source>errored</source>
        <translation>fehlerhaft</translation>
    </message>
    <message>
        <source>restarting</source>
        <translation>startet neu</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>healthy</source>
        <translation>gesund</translation>
    </message>
    <message>
        <source>unhealthy</source>
        <translation>krank</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <extracomment>a duration in days and hours</extracomment>
        <translation>%1 d %2 h</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <extracomment>a duration in hours and minutes</extracomment>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <extracomment>a duration in minutes and seconds</extracomment>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 %</source>
        <extracomment>a percentage</extracomment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 s</source>
        <extracomment>a duration in seconds</extracomment>
        <translation>%1 s</translation>
    </message>
</context>
<context>
    <name>pmdaemon::GuiSession</name>
    <message>
        <source>This computer</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>No process yet. Start one in a terminal with “pmdaemon start SCRIPT”: it appears here at once.</source>
        <translation>Noch kein Prozess. Starten Sie einen im Terminal mit „pmdaemon start SCRIPT“: Er erscheint sofort hier.</translation>
    </message>
</context>
<context>
    <name>pmdaemon::LogView</name>
    <message numerus="yes">
        <source>%n more character(s)</source>
        <translation>
            <numerusform>%n weiteres Zeichen</numerusform>
            <numerusform>%n weitere Zeichen</numerusform>
        </translation>
    </message>
    <message>
        <source>— some lines are missing —</source>
        <translation>— einige Zeilen fehlen —</translation>
    </message>
    <message numerus="yes">
        <source>— %n line(s) dropped —</source>
        <translation>
            <numerusform>— %n Zeile verworfen —</numerusform>
            <numerusform>— %n Zeilen verworfen —</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n new line(s)</source>
        <translation>
            <numerusform>%n neue Zeile</numerusform>
            <numerusform>%n neue Zeilen</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Select &amp;All</source>
        <translation>&amp;Alles auswählen</translation>
    </message>
    <message>
        <source>&amp;Follow</source>
        <translation>&amp;Folgen</translation>
    </message>
</context>
<context>
    <name>pmdaemon::MainWindow</name>
    <message>
        <source>%1 – %2</source>
        <extracomment>the window&apos;s title: a host, the program</extracomment>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>Metrics</source>
        <translation>Messwerte</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Filter: name, namespace or status (Ctrl+F)</source>
        <translation>Filter: Name, Namensraum oder Status (Strg+F)</translation>
    </message>
    <message>
        <source>Filter processes</source>
        <translation>Prozesse filtern</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Tool Bar</source>
        <translation>Werkzeugleiste</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
    <message>
        <source>Log of %1</source>
        <extracomment>the tab of a process&apos;s log</extracomment>
        <translation>Protokoll von %1</translation>
    </message>
    <message>
        <source>Select a process to see its log.</source>
        <translation>Wählen Sie einen Prozess, um sein Protokoll zu sehen.</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Wird geladen …</translation>
    </message>
    <message>
        <source>This process has not written anything yet.</source>
        <translation>Dieser Prozess hat noch nichts ausgegeben.</translation>
    </message>
    <message numerus="yes">
        <source>None of %n process(es) matches.</source>
        <extracomment>nothing matches the filter</extracomment>
        <translation>
            <numerusform>%n Prozess passt nicht zum Filter.</numerusform>
            <numerusform>Keiner von %n Prozessen passt zum Filter.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Quit and stop %n process(es)?</source>
        <translation>
            <numerusform>Beenden und %n Prozess stoppen?</numerusform>
            <numerusform>Beenden und %n Prozesse stoppen?</numerusform>
        </translation>
    </message>
    <message>
        <source>Here, processes run as long as the window. To keep them running, start the daemon and connect to it.</source>
        <translation>Prozesse laufen hier so lange wie das Fenster. Damit sie weiterlaufen, starten Sie den Daemon und verbinden sich mit ihm.</translation>
    </message>
    <message>
        <source>Quit and Stop</source>
        <translation>Beenden und stoppen</translation>
    </message>
    <message>
        <source>About PMDaemon</source>
        <translation>Über PMDaemon</translation>
    </message>
    <message>
        <source>Process manager with live remote view.</source>
        <translation>Prozessmanager mit Live-Fernansicht.</translation>
    </message>
</context>
<context>
    <name>pmdaemon::ProcessModel</name>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>CPU (1 min)</source>
        <translation>CPU (1 min)</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Uptime</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <source>Restarts</source>
        <translation>Neustarts</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>PID</source>
        <translation>PID</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <extracomment>how a screen reader names a row: process, status</extracomment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1, status unknown, last seen %2</source>
        <translation>%1, Status unbekannt, zuletzt %2</translation>
    </message>
    <message>
        <source>, exit code %1</source>
        <translation>, Exit-Code %1</translation>
    </message>
    <message>
        <source>, ended by %1</source>
        <translation>, beendet durch %1</translation>
    </message>
    <message numerus="yes">
        <source>, %n restart(s)</source>
        <translation>
            <numerusform>, %n Neustart</numerusform>
            <numerusform>, %n Neustarts</numerusform>
        </translation>
    </message>
    <message>
        <source>Namespace: %1</source>
        <translation>Namensraum: %1</translation>
    </message>
</context>
<context>
    <name>pmdaemon::StatusLine</name>
    <message>
        <source>not connected</source>
        <translation>nicht verbunden</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>verbindet</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>verbunden</translation>
    </message>
    <message>
        <source>no connection</source>
        <translation>keine Verbindung</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>abgelehnt</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es)</source>
        <translation>
            <numerusform>%n Prozess</numerusform>
            <numerusform>%n Prozesse</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>a count of processes: the counts by status
----------
a host and how it is connected</extracomment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>CPU %1 %   Mem %2/%3 GiB   Load %4</source>
        <translation>CPU %1 %   Speicher %2/%3 GiB   Last %4</translation>
    </message>
    <message>
        <source>filter: %1 of %2</source>
        <extracomment>how many rows the filter leaves, of how many</extracomment>
        <translation>Filter: %1 von %2</translation>
    </message>
</context>
<context>
    <name>pmdaemon::SystemChart</name>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>CPU and memory of the machine, last five minutes</source>
        <translation>CPU und Speicher des Rechners, letzte fünf Minuten</translation>
    </message>
</context>
<context>
    <name>pmdaemon::WindowMenus</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Process</source>
        <translation>&amp;Prozess</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farbschema</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Filter Processes</source>
        <translation>Prozesse &amp;filtern</translation>
    </message>
    <message>
        <source>&amp;Details</source>
        <translation>&amp;Details</translation>
    </message>
    <message>
        <source>&amp;About PMDaemon</source>
        <translation>Ü&amp;ber PMDaemon</translation>
    </message>
    <message>
        <source>&amp;System</source>
        <translation>&amp;System</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
</context>
</TS>

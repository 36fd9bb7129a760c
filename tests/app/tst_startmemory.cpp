// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/daemon/startmemory.h"

#include <QFile>
#include <QTest>

using namespace pmdaemon;
using namespace Qt::Literals::StringLiterals;

namespace {

// Constants of some size, since the program has little code.
[[gnu::used]] const char constants[1024 * 1024] = {1};

/// Of this program's own file, in KB; all of it is used first where that is wanted.
int residentParts(bool useAll)
{
    const QByteArray program = QFile::symLinkTarget(u"/proc/self/exe"_s).toLocal8Bit();
    QFile maps(u"/proc/self/smaps"_s);
    if (!maps.open(QIODevice::ReadOnly))
        return -1;
    int resident = 0;
    bool isOwn = false;
    int used = 0;
    for (const QByteArray &line : maps.readAll().split('\n')) {
        const QByteArrayList words = line.simplified().split(' ');
        if (words[0].contains('-') && words.size() >= 5) {
            isOwn = line.endsWith(program) && words[1].startsWith("r-");
            const quint64 begin = words[0].split('-')[0].toULongLong(nullptr, 16);
            const quint64 end = words[0].split('-')[1].toULongLong(nullptr, 16);
            for (quint64 at = begin; useAll && isOwn && at < end; at += 4'096)
                used += *reinterpret_cast<const volatile char *>(at);
        } else if (isOwn && words[0] == "Rss:") {
            resident += words[1].toInt();
        }
    }
    Q_UNUSED(used);
    return resident;
}

} // namespace

class TestStartMemory : public QObject
{
    Q_OBJECT

private slots:
    void letsGoOfCodeThatIsNotUsedAndGoesOn()
    {
        residentParts(true);
        const int before = residentParts(false);
        QVERIFY(before > 0);
        releaseStartMemory();
        const int after = residentParts(false);
        QVERIFY2(after > 0 && after < before, qPrintable(u"%1 %2"_s.arg(before).arg(after)));
        residentParts(true);
        QCOMPARE(residentParts(false), before);
    }
};

QTEST_GUILESS_MAIN(TestStartMemory)
#include "tst_startmemory.moc"

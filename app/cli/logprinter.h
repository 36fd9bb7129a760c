// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli/output.h"
#include "core/model/logline.h"

namespace pmdaemon {

/// Whose line it is.
struct LogOrigin
{
    ProcessId id{};
    QString name;
    QString app;
    int instance = 0;
};

/// How an app wants its lines to be shown.
struct LogView
{
    QString dateFormat; ///< formatTime()'s, empty = no time
    bool isJson = false;
};

/// Puts log lines on stdout as the command line's options want them.
class LogPrinter
{
public:
    struct Style
    {
        bool raw = false;        ///< the bytes of the line, nothing else
        bool timestamps = false; ///< in front, where known
        bool names = false;      ///< in front
        bool jsonLines = false;  ///< an object per line, at once, instead of one array at the end
    };

    LogPrinter(Output &output, const Style &style);

    void print(const LogOrigin &origin, const LogLine &line, const LogView &view);
    /// The array, where that is what is wanted.
    void finish();

private:
    QString timeOf(const LogLine &line, const LogView &view) const;
    QByteArray prefix(const LogOrigin &origin, const LogLine &line, const LogView &view) const;

    Output &m_output;
    Style m_style;
    QJsonArray m_array;
};

/// Whether a line that was not selected by the daemon is one that `query` asks for.
bool isWanted(const LogLine &line, const LogQuery &query);

} // namespace pmdaemon

// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include "core/model/processentry.h"

namespace pmdaemon {

/// Whom a command or question is for: a name, an app, an id in digits, "all" or "namespace:X".
class ProcessTarget
{
public:
    explicit ProcessTarget(QStringView text);

    bool matches(const ProcessEntry &entry) const;
    bool isAll() const { return m_kind == Kind::All; }

private:
    enum class Kind { All, NameSpace, Id, Pattern, Name };

    Kind m_kind = Kind::Name;
    QString m_text;
    int m_id = -1;
};

} // namespace pmdaemon

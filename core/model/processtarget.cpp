// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/model/processtarget.h"

#include "core/model/wildcard.h"

#include <algorithm>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

ProcessTarget::ProcessTarget(QStringView text)
    : m_text(text.toString())
{
    constexpr auto nameSpacePrefix = "namespace:"_L1;
    const auto isDigit = [](QChar c) { return c >= u'0' && c <= u'9'; };
    if (text == "all"_L1) {
        m_kind = Kind::All;
    } else if (text.startsWith(nameSpacePrefix)) {
        m_kind = Kind::NameSpace;
        m_text = text.sliced(nameSpacePrefix.size()).toString();
    } else if (!text.isEmpty() && std::all_of(text.begin(), text.end(), isDigit)) {
        bool fits = false;
        m_kind = Kind::Id;
        m_id = text.toInt(&fits);
        if (!fits)
            m_id = -1;
    } else if (text.contains(u'*') || text.contains(u'?')) { // which no name holds
        m_kind = Kind::Pattern;
    }
}

bool ProcessTarget::matches(const ProcessEntry &entry) const
{
    switch (m_kind) {
    case Kind::All:
        return true;
    case Kind::NameSpace:
        return entry.nameSpace == m_text;
    case Kind::Id:
        return toInt(entry.id) == m_id;
    case Kind::Pattern:
        return matchesWildcard(m_text, entry.name) || matchesWildcard(m_text, entry.app);
    case Kind::Name:
        break;
    }
    return entry.name == m_text || entry.app == m_text;
}

} // namespace pmdaemon

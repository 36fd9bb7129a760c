// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <array>
#include <optional>

namespace pmdaemon {

/// The words of an enum whose values count from 0, in order.
template <typename Enum, std::size_t N>
struct EnumNames
{
    std::array<QLatin1StringView, N> names;

    QLatin1StringView operator[](Enum value) const
    {
        return names[static_cast<std::size_t>(value)];
    }

    std::optional<Enum> find(QStringView text) const
    {
        for (std::size_t i = 0; i < N; ++i) {
            if (names[i] == text)
                return static_cast<Enum>(i);
        }
        return std::nullopt;
    }
};

} // namespace pmdaemon

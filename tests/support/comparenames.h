// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QLatin1StringView>
#include <QTest>

#include <concepts>
#include <type_traits>

namespace QTest {

/// QCOMPARE of enums that have a word each: shows the words. Without it the test does not compile,
/// since Qt Test takes the product's toString() for its own.
template <typename E>
requires std::is_enum_v<E> && requires(E e)
{
    {
        toString(e)
        } -> std::same_as<QLatin1StringView>;
}
bool qCompare(const E &actual, const E &expected, const char *actualText, const char *expectedText,
              const char *file, int line)
{
    return qCompare(QString(toString(actual)), QString(toString(expected)), actualText,
                    expectedText, file, line);
}

} // namespace QTest

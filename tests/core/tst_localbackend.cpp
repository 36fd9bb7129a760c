// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "tests/support/backendcontract.h"

#include <QCoreApplication>
#include <QTest>

using namespace pmdaemon;
using namespace pmdaemon::test;

namespace {

class LocalUnderTest : public BackendUnderTest
{
public:
    Backend &backend() override { return m_house.backend; }
    LocalHouse &house() override { return m_house; }

private:
    LocalHouse m_house;
};

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    BackendContract contract([] { return std::make_unique<LocalUnderTest>(); });
    return QTest::qExec(&contract, argc, argv);
}

#!/usr/bin/env python3
# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT
"""Feeds bad trees to the checks of lint.py: a check that finds nothing wrong in them is broken."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import lint

HEADER = "".join(f"// {line}\n" for line in lint.HEADER)


class LintTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def findings(self, check):
        return [str(finding) for finding in lint.CHECKS[check](self.root)]

    def include(self, name, line):
        self.write(name, f"{line}\n")
        return self.findings("includes")

    def test_allows_the_arrows_of_the_table(self):
        self.write("app/cli/a.cpp", '#include "app/cli/a.h"\n#include "client/c.h"\n#include <QFile>\n')
        self.write("core/process/p.cpp", '#include "core/logs/l.h"\n#include "p.moc"\n#include "moc_p.cpp"\n')
        self.write("core/localbackend.cpp", '#include "core/process/p.h"\n')
        self.write("server/gateway.cpp", '#include "server/ws/s.h"\n#include "core/backend.h"\n')
        self.assertEqual(self.findings("includes"), [])

    def test_refuses_an_arrow_between_layers(self):
        self.assertRegex(self.include("core/model/a.h", '#include "server/b.h"')[0],
                         r"core/model/a.h:1: .*core may not include server")

    def test_refuses_the_gui_in_the_server(self):
        self.assertEqual(len(self.include("server/http/a.h", '#include "gui/b.h"')), 1)

    def test_refuses_a_higher_room(self):
        self.assertIn("stands below", self.include("core/logs/a.h", '#include "core/process/b.h"')[0])

    def test_refuses_the_top_from_a_room(self):
        self.assertIn("stands below", self.include("core/protocol/a.h", '#include "core/backend.h"')[0])

    def test_refuses_an_include_without_its_layer(self):
        self.assertIn("does not start with a layer", self.include("core/model/a.cpp", '#include "a.h"')[0])

    def test_refuses_rooms_that_the_table_does_not_know(self):
        self.assertIn("not in the table", self.include("core/cellar/a.h", "#include <QFile>")[0])

    def test_refuses_qt_where_there_is_none(self):
        self.assertIn("without Qt", self.include("core/slot/a.h", "#include <QString>")[0])

    def test_wants_the_licence_in_each_file(self):
        self.write("core/a.h", HEADER + "\n#pragma once\n")
        self.write("scripts/run", "#!/bin/bash\n# nothing\n")
        self.write("core/b.h", HEADER.replace("2026", "1999"))
        self.assertEqual([line.split(":")[0] for line in self.findings("headers")],
                         ["core/b.h", "scripts/run"])

    def test_refuses_paths_of_a_machine(self):
        self.write("docs/a.md", "see /W/main and src/W/a, ${X}/W/b\n".replace("W", "wo" + "rk"))
        self.write("tests/e2e/package-lock.json", '{\n"resolved": "somewhere"}\n')
        self.assertEqual([":".join(line.split(":")[:2]) for line in self.findings("paths")],
                         ["docs/a.md:1", "tests/e2e/package-lock.json:2"])

    def test_calls_the_tools(self):
        self.write(".clang-format", "BasedOnStyle: LLVM\n")
        self.write("core/a.cpp", "int   a ;\n")
        self.write("scripts/a", '#!/bin/bash\nrm $1\n')
        self.write("docs/a.md", "recie" + "ve\n")
        self.write("tests/lint/words.txt", "")
        self.assertIn("core/a.cpp", self.findings("format")[0])
        self.assertIn("SC2086", self.findings("shell")[0])
        self.assertIn("docs/a.md", self.findings("spelling")[0])

    def test_exits_with_failure(self):
        self.write("core/b.h", "")
        done = subprocess.run([sys.executable, lint.__file__, "headers", "--root", self.root],
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)

    def test_does_not_pass_a_program_without_qt(self):
        check = Path(lint.__file__).parent / "check-links"
        done = subprocess.run([check, "/bin/true"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()

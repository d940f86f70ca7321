#!/usr/bin/python3
"""The checker itself: a made-up tree with one fault of each kind."""
import pathlib
import tempfile
import unittest

import check_docs
import events

SOURCE = '''void f() {
  log::info("a.begun", {{"port", port_(1)}, {"text", "a) \\"b"}});
  log::warn(up ? "a.up" : "a.down");
  log::error("a.begun",
             {{"why", e}});
}
'''
ERRC = "enum class Errc {\n  kOne = 1,\n  kIo = 1000,\n};\n"
NAMES = 'case Errc::kOne: return "one";\ncase Errc::kIo: return "io";\n'


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("core/base/errc.h", ERRC)
        self.write("core/base/errc.cpp", NAMES)
        self.write("core/a.cpp", SOURCE)
        self.write("docs/format/errors.md", "| 1 | one | when |\n")
        self.write("docs/operate/errors.md", "| 1000 | `io` | when |\n")

    def write(self, name, text):
        file = pathlib.Path(self.folder.name, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def faults(self, page):
        self.write("docs/operate/events.md", page)
        root = self.folder.name
        return [*check_docs.compare_errors(root), *check_docs.compare_events(root)]

    PAGE = "| `a.begun` | error, info | `port`, `text`, `why` | x |\n| `a.up` | warn |  | x |\n"

    def test_levels_fields_and_both_names_of_a_choice_are_found(self):
        found = events.in_sources(self.folder.name)
        self.assertEqual(found["a.begun"], ({"error", "info"}, {"port", "text", "why"}))
        self.assertEqual(set(found), {"a.begun", "a.up", "a.down"})

    def test_a_page_that_agrees_has_no_fault(self):
        self.assertEqual(self.faults(self.PAGE + "| `a.down` | warn |  | x |\n"), [])

    def test_an_event_that_is_not_listed_is_a_fault(self):
        self.assertEqual(self.faults(self.PAGE), ["docs/operate/events.md: a.down is missing"])

    def test_an_event_that_nobody_logs_is_a_fault(self):
        more = "| `a.down` | warn |  | x |\n| `a.gone` | warn |  | x |\n"
        self.assertEqual(self.faults(self.PAGE + more), ["docs/operate/events.md: a.gone is logged nowhere"])

    def test_another_field_is_a_fault(self):
        self.assertEqual(len(self.faults(self.PAGE + "| `a.down` | warn | `x` | x |\n")), 1)

    def test_errors_are_compared_both_ways(self):
        self.write("docs/operate/errors.md", "| 1000 | eye-oh | when |\n| 1001 | gone | when |\n")
        self.assertEqual(len(self.faults(self.PAGE + "| `a.down` | warn |  | x |\n")), 2)

    def test_a_metric_without_a_row_and_a_row_without_a_metric_are_faults(self):
        self.write("edge-agent/f.cpp", 'const char* kNames[] = {"lotmark_agent_a_total", "lotmark_agent_b"};')
        self.write("docs/operate/gateway.md", "| `lotmark_agent_a_total` | counter | x |\n| `lotmark_agent_c` | gauge | x |\n")
        faults = [*check_docs.compare_metrics(self.folder.name)]
        self.assertEqual(len(faults), 2)
        self.assertIn("lotmark_agent_b is missing", faults[0])
        self.assertIn("lotmark_agent_c is no metric", faults[1])


if __name__ == "__main__":
    unittest.main()

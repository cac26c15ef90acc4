"""Progress on the command line: a line each where it is kept, one line where it is watched."""

import io

from webapp.shell.watching import Meter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_each_report_in_a_log_is_a_line_of_its_own() -> None:
    out = io.StringIO()
    meter = Meter(out, "queries", every=0)
    for done in range(1, 4):
        meter(done, 3)
    lines = out.getvalue().splitlines()
    assert [line.split(" queries")[0] for line in lines] == ["1 of 3", "2 of 3", "3 of 3"]
    assert "left" in lines[0] and " in 0 s" in lines[-1]


def test_a_log_is_not_flooded() -> None:
    out = io.StringIO()
    meter = Meter(out, "queries", every=60)
    for done in range(1, 1001):
        meter(done, 1000)
    assert out.getvalue().startswith("1,000 of 1,000 queries in ")


def test_a_terminal_keeps_one_line() -> None:
    out = Terminal()
    meter = Meter(out, "queries")
    meter(3, 3)
    assert out.getvalue().startswith("\r\x1b[K3 of 3")

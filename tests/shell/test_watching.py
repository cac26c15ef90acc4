"""Progress on the command line: a line each where it is kept, one line where it is watched."""

import contextlib
import io
import sys
from pathlib import Path

import pytest
from django.core.management.base import CommandError

import manage
from webapp.shell.watching import Meter, report_place


def test_a_report_that_has_no_place_is_refused_before_the_work(tmp_path: Path) -> None:
    report_place("")
    report_place(str(tmp_path / "report.json"))
    for path in (tmp_path, tmp_path / "none" / "report.json"):
        with pytest.raises(CommandError, match="cannot be written: name a file"):
            report_place(str(path))


def test_a_file_that_is_not_there_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(arguments: list[str]) -> None:
        Path("/nowhere/rules.yaml").read_text()

    monkeypatch.setattr("runtime.environment.prepare", lambda arguments: contextlib.nullcontext())
    monkeypatch.setattr("django.core.management.execute_from_command_line", read)
    monkeypatch.setattr(sys, "argv", ["manage.py", "rules_test", "/nowhere/rules.yaml"])
    with pytest.raises(SystemExit) as left:
        manage.main()
    assert left.value.code == 2
    assert capsys.readouterr().err == "/nowhere/rules.yaml: No such file or directory\n"


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

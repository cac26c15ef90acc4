"""What the documents promise is what the code has."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = re.compile(r'env_(?:str|bool|int|list)\(\s*"([A-Z_]+)"')


def test_every_setting_is_documented_and_every_documented_setting_exists():
    read = set(READERS.findall((ROOT / "webapp/settings.py").read_text()))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.M))
    runtime = {
        name
        for path in (ROOT / "runtime").glob("*.py")
        for name in re.findall(r'"([A-Z][A-Z_]{3,})"', path.read_text())
    }
    assert not read - documented, "read but not in docs/settings.md"
    assert not documented - read - runtime, "documented but never read"

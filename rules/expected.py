"""Which publish checks a release waits for: each room says of its own when there is something to look at."""

from collections.abc import Callable

from rules.models import PublishCheck, Release

_wanted: dict[str, Callable[[Release], bool]] = {}


def check_expect(name: str, wanted: Callable[[Release], bool]) -> None:
    """A room will write the check of this name wherever `wanted` says so. To be called as the room's module loads."""
    _wanted[name] = wanted


def checks_expected(release: Release) -> list[str]:
    """Names of the checks that are to come in for a release."""
    return [name for name, wanted in _wanted.items() if wanted(release)]


def checks_missing(release: Release) -> list[str]:
    """Names of the checks that were to come in and have not. What nobody would write any longer (there is no champion
    now, say) is not waited for.
    """
    rows = PublishCheck.objects.filter(release=release, content__pending=True).order_by("name")
    names = rows.values_list("name", flat=True)
    return [name for name in names if name in _wanted and _wanted[name](release)]

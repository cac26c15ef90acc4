"""Words around numbers."""


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 pair", "3 pairs"; `many` where it is no mere s ("query", "queries")."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"

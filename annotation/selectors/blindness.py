"""Which subjects are judged without sight of rules and suggestions: decided on the server, for page and program alike."""

from django.db.models import Exists, OuterRef, Q

from annotation.models import Gold
from rules.models import ReplayEntry

# `hidden_tasks` for statements written by hand over a row named `task`. OFFSET 0 keeps each question one step into an
# index: without it the planner may read the whole table once and hash it, and a plan kept since then goes on so.
HIDDEN_SQL = """(task.blind OR task.is_gold
    OR EXISTS (SELECT 1 FROM annotation_gold gold WHERE gold.pair_id = task.pair_id OFFSET 0)
    OR EXISTS (SELECT 1 FROM rules_replayentry entry WHERE entry.pair_id = task.pair_id OFFSET 0))"""


def hidden_tasks(prefix: str = "") -> Q:
    """The condition on a task (reached by `prefix`, such as "annotation_task__") that its subject is judged blind.

    A task's own mark holds what its campaign drew, gold, and the benchmark's queries (`services.blinding`). A pair that
    became gold or part of a replay set is hidden from then on, whatever its task says.
    """
    pair = OuterRef(f"{prefix}pair")
    return (
        Q(**{f"{prefix}blind": True})
        | Q(**{f"{prefix}is_gold": True})
        | Q(Exists(Gold.objects.filter(pair=pair)))
        | Q(Exists(ReplayEntry.objects.filter(pair=pair)))
    )

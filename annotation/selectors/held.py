"""What a person has been given and has not answered: read here, for a page that opens; given out by `services.slots`."""

from annotation.models import Campaign, Slot
from annotation.selectors.blindness import HIDDEN_SQL
from rules.models import Release
from webapp.common.models import User
from webapp.common.statements import columns, fetch, row_of

# Subjects with a suggestion that stands: for the item as it is, under the release in force, and not judged blind.
SUGGESTED = """AND slot.annotation_task_id IN (
    SELECT task.id FROM annotation_suggestion suggestion
    JOIN catalog_pair pair ON pair.id = suggestion.pair_id
    JOIN catalog_item item ON item.id = pair.item_id AND item.current_id = suggestion.item_version_id
    JOIN annotation_annotationtask task ON task.pair_id = pair.id AND task.campaign_id = %(campaign)s
    WHERE suggestion.release_id = %(release)s AND NOT {hidden})""".replace("{hidden}", HIDDEN_SQL)
HERS = """
SELECT {columns} FROM annotation_slot slot
WHERE slot.campaign_id = %(campaign)s AND slot.person_id = %(person)s AND slot.state = 'leased'
  AND slot.id <> ALL(%(have)s::bigint[]) {where} ORDER BY slot.priority DESC, slot.id LIMIT %(want)s
"""
HELD_SQL, HELD_SUGGESTED_SQL = (
    HERS.format(columns=columns(Slot, "slot"), where=where) for where in ("", SUGGESTED)
)


def slots_held(
    *, campaign: Campaign, person: User, want: int, suggested_under: Release | None = None
) -> list[Slot]:
    """Up to `want` slots that are `person`'s, in queue order; with `suggested_under` as `services.slots_hold` has it."""
    release = suggested_under.pk if suggested_under else 0
    values = {"campaign": campaign.pk, "person": person.pk, "have": [], "want": want, "release": release}
    rows = fetch(HELD_SUGGESTED_SQL if suggested_under else HELD_SQL, values)
    return [row_of(Slot, row) for row in rows]

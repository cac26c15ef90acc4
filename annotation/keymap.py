"""The keys of the working pages: what each does, its default, and a person's own. Pure.

Two actions of one page never share a key. Escape, Tab and the arrows keep their meaning everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

JUDGING, RANKING, REASON, PAGES, SIDES = "judging", "ranking", "reason", "pages", "sides"
DECIDING = "deciding"  # adjudication; the quiz, which asks less, has the same keys
BOTH = (JUDGING, RANKING, PAGES)
EVERYWHERE = (*BOTH, SIDES)
GRADING = (
    JUDGING,
    PAGES,
    REASON,
    DECIDING,
)  # also while a question is open: another grade is a change of mind
# Typed by place: tiers, a tie, the walk over steps on the ranking page; which of two lists is better.
FIXED = {
    JUDGING: frozenset(), RANKING: frozenset("012345678="), REASON: frozenset(), PAGES: frozenset(),
    SIDES: frozenset("12345"), DECIDING: frozenset(),
}  # fmt: skip


@dataclass(frozen=True)
class Action:
    """One thing a key does, on the pages named in `where`."""

    name: str
    title: str
    key: str
    where: tuple[str, ...] = (JUDGING,)


ACTIONS = (
    Action("grade_1", "L1", "1", GRADING),
    Action("grade_2", "L2", "2", GRADING),
    Action("grade_3", "L3", "3", GRADING),
    Action("grade_4", "L4", "4", GRADING),
    Action("accept", "accept the model's suggestion", "a"),
    Action("cite", "cite rules, by their number", "r"),
    Action("picture", "the picture decided", "i", (JUDGING, PAGES, DECIDING)),
    Action("comment", "comment", "c", (JUDGING, PAGES, SIDES, DECIDING)),
    Action("principle", "principles of the rules", "p"),
    Action("description", "description", "d", BOTH),
    Action("zoom", "enlarge the picture", "z", EVERYWHERE),
    Action("skip", "skip, with a reason", "s", EVERYWHERE),
    Action("flag", "flag for the rule editors", "f", BOTH),
    Action("undo", "take the last answer back, ten deep", "u", EVERYWHERE),
    Action("guide", "guide", "g", EVERYWHERE),
    Action("help", "all keys", "?", EVERYWHERE),
    Action("why_rule_wrong", "the rule is wrong", "w", (REASON,)),
    Action("why_not_applicable", "the rule does not apply here", "n", (REASON,)),
    Action("why_item_wrong", "the item's data is wrong", "d", (REASON,)),
    Action("why_i_was_wrong", "I was wrong", "i", (REASON,)),
    Action("all_bad", "all bad", "x", (RANKING,)),
    Action("fault_knowledge", "fault: knowledge", "k", (RANKING,)),
    Action("fault_visual", "fault: visual", "v", (RANKING,)),
    Action("fault_rule", "fault: rule misapplied", "m", (RANKING,)),
    Action("fault_unsupported", "fault: unsupported evidence", "n", (RANKING,)),
    Action("fault_contradiction", "fault: contradicts its own verdict", "w", (RANKING,)),
    Action("better", "write the better answer", "e", (RANKING,)),
    Action("item_rules", "rules of the item", "r", (PAGES,)),
    Action("page_bad", "the whole page is bad", "7", (PAGES,)),
    Action("page_mid", "the whole page is middling", "8", (PAGES,)),
    Action("page_good", "the whole page is good", "9", (PAGES,)),
    Action("dimension", "what conflicts", "d", (DECIDING,)),
    Action("make_gold", "make it gold", "o", (DECIDING,)),
    Action("next", "leave it, next one", "n", (DECIDING,)),
    Action("example", "example of a new rule", "e", (DECIDING,)),
)
BY_NAME = {action.name: action for action in ACTIONS}
WHERE = {
    JUDGING: "judging", RANKING: "ranking", REASON: "the question why", PAGES: "pages", SIDES: "lists side by side",
    DECIDING: "adjudication",
}  # fmt: skip


@dataclass(frozen=True)
class Clash:
    """Why a map of keys cannot be kept: which action, and a sentence that names the other one."""

    action: str
    word: str


def keys_of(own: Mapping[str, object]) -> dict[str, str]:
    """action -> key: the defaults with a person's own keys over them; what is unknown or no key is left out."""
    kept = {name: str(key) for name, key in own.items() if name in BY_NAME and is_key(str(key))}
    return {action.name: kept.get(action.name, action.key) for action in ACTIONS}


def is_key(key: str) -> bool:
    """One visible character, in lower case."""
    return len(key) == 1 and key.isprintable() and not key.isspace() and key == key.lower()


def key_clean(key: str) -> str:
    """A key as it is kept, from what was typed or pressed."""
    return key.strip().lower()


def clash_in(keys: Mapping[str, str]) -> Clash | None:
    """The first thing that is wrong with a whole map: no key, or a key that another action of the same page has."""
    for action in ACTIONS:
        if not is_key(keys[action.name]):
            return Clash(action.name, f"“{action.title}” needs one key: a letter, a digit or a sign.")
    for place, title in WHERE.items():
        taken: dict[str, Action] = {}
        for action in (row for row in ACTIONS if place in row.where):
            key = keys[action.name]
            if key in FIXED[place]:
                return Clash(
                    action.name,
                    f"“{key}” has a fixed meaning in {title}: “{action.title}” needs another key.",
                )
            if other := taken.get(key):
                word = f"“{key}” is both “{other.title}” and “{action.title}” in {title}: give one of them another key."
                return Clash(action.name, word)
            taken[key] = action
    return None


def grade_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """key -> level, such as "1" -> "L1": what a letter that answers a question must not be."""
    return {keys[action.name]: action.title for action in ACTIONS if action.where == GRADING}


def own_keys(keys: Mapping[str, str]) -> dict[str, str]:
    """Of a whole map, the keys that differ from the defaults: what is kept for a person."""
    return {action.name: keys[action.name] for action in ACTIONS if keys[action.name] != action.key}


def shown(keys: Mapping[str, str]) -> dict[str, str]:
    """action -> key as a keyboard prints it."""
    return {name: key.upper() for name, key in keys.items()}


def keymap_for(keys: Mapping[str, str], place: str) -> dict[str, str]:
    """What a page's script needs: the keys of the actions that the page has."""
    return {action.name: keys[action.name] for action in ACTIONS if place in action.where}

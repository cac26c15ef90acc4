"""A person's own keys: kept with her account, so that they are the same on every machine she works on."""

from collections import Counter
from collections.abc import Mapping

from django.db import transaction

from annotation.errors import KeyClash
from annotation.keymap import clash_in, grade_keys, key_clean, own_keys
from annotation.keys import is_letter
from annotation.selectors.keys import DIMENSIONS, PREFERENCE, keys_for
from webapp.common.audit import audit_record
from webapp.common.models import Corpus, User


def keys_set(*, actor: User, corpus: Corpus, keys: Mapping[str, str], dimensions: Mapping[str, str]) -> None:
    """Keep `actor`'s keys (action -> key; what is absent stays as it is) and the letters of `dimensions`.

    Raises KeyClash, with a sentence that names both sides, where one key would mean two things on one page.
    """
    wanted = {**keys_for(actor), **{name: key_clean(key) for name, key in keys.items()}}
    if clash := clash_in(wanted):
        raise KeyClash(clash.word, extra={"action": clash.action})
    letters = {name: key_clean(letter) for name, letter in dimensions.items() if letter.strip()}
    _letters_check(letters, grade_keys(wanted))
    _keep(actor, corpus, "keys.set", {PREFERENCE: own_keys(wanted), DIMENSIONS: letters})


def keys_reset(*, actor: User, corpus: Corpus) -> None:
    """Back to the defaults."""
    _keep(actor, corpus, "keys.reset", {PREFERENCE: {}, DIMENSIONS: {}})


def _letters_check(letters: Mapping[str, str], grades: Mapping[str, str]) -> None:
    for name, letter in letters.items():
        if not is_letter(letter):
            raise KeyClash(
                f"“{name}” is typed as one letter from a to z.", extra={"action": f"dimension_{name}"}
            )
        if letter in grades:
            word = f"“{letter}” is both “{name}” and “{grades[letter]}”: give one of them another key."
            raise KeyClash(word, extra={"action": f"dimension_{name}"})
    letter, times = next(iter(Counter(letters.values()).most_common(1)), ("", 0))
    if times > 1:
        both = [name for name, other in letters.items() if other == letter]
        word = f"“{letter}” is both “{both[0]}” and “{both[1]}”: give one of them another letter."
        raise KeyClash(word, extra={"action": f"dimension_{both[1]}"})


def _keep(actor: User, corpus: Corpus, action: str, values: Mapping[str, Mapping[str, str]]) -> None:
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=actor.pk)
        person.preferences = {**person.preferences, **{name: dict(kept) for name, kept in values.items()}}
        person.save(update_fields=["preferences"])
        audit_record(actor=actor, corpus=corpus, action=action, subject=person, data=dict(values))
    actor.preferences = person.preferences

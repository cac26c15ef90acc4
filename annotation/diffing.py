"""What differs between two texts, word by word. Pure; the outcome is safe HTML."""

from difflib import SequenceMatcher

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LONGEST = 400


def differing(base: str, text: str) -> SafeString:
    """`text` escaped, with the words that `base` does not have at that place inside <mark>.

    Texts of more than 400 words are shown unmarked: comparing them costs more than it tells.
    """
    old, new = base.split(), text.split()
    if not old or len(old) > LONGEST or len(new) > LONGEST:
        return mark_safe(escape(text))  # escaped here
    parts = []
    for kind, _, _, start, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        words = escape(" ".join(new[start:end]))
        if words:
            parts.append(words if kind == "equal" else f"<mark>{words}</mark>")
    return mark_safe(" ".join(parts))  # every part was escaped above

"""People whom files name as raters."""

import hashlib
import re

from webapp.common.models import Corpus, User


def rater_ensure(*, corpus: Corpus, name: str, handle: str = "") -> User:
    """Who stands for a rater of this corpus: can never sign in, and is a member of nothing.

    `handle` tells raters apart where names do not. What an address cannot spell is told apart by a digest.
    """
    told = re.sub(r"\s+", "-", (handle or name).casefold().strip()).strip("-.")
    local = re.sub(r"[^a-z0-9._-]+", "-", told).strip("-.")[:60]
    if local != told:
        local = f"{local or 'rater'}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    address = f"{local or 'rater'}@{corpus.slug}.raters.invalid"
    found = User.objects.filter(email=address).first()
    return found or User.objects.create_user(address, name, kind=User.Kind.RATER)

"""A person has seen what changed in the rules since she last judged."""

from django.db import transaction

from rules.models import Release, ReleaseAcknowledgement
from webapp.common.audit import audit_record
from webapp.common.models import User


@transaction.atomic
def release_acknowledge(*, release: Release, person: User) -> ReleaseAcknowledgement:
    """A row for each time that a person takes note; asking again while it is her last word changes nothing."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    rows = ReleaseAcknowledgement.objects.filter(release__corpus=release.corpus_id, person=person)
    last = rows.order_by("-id").first()
    if last is not None and last.release_id == release.pk:
        return last
    row = ReleaseAcknowledgement.objects.create(release=release, person=person)
    audit_record(actor=person, corpus=release.corpus, action="release.acknowledge", subject=release)
    return row

"""Synonym and family tables: every wording a row of its own, the newest what the next release takes up."""

from django.db import models
from django.utils import timezone

from webapp.common.models import Corpus, User


class TableVersion(models.Model):
    """One wording of a table: families of words, and pairs of words that must or must not be of one family.

    Append-only. A release freezes the content it was made with; a table without families is one that was removed.
    """

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="table_versions")
    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict, help_text='{"family": ["word", ...]}')
    examples = models.JSONField(default=list, help_text='[{"a", "b", "same": true, "note"}]')
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name", "number"], name="table_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

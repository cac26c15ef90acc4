"""What the levels mean and which mismatch dimensions there are: the newest row is what the next release takes up."""

from django.db import models
from django.utils import timezone

from webapp.common.models import Corpus, User


class DefinitionsVersion(models.Model):
    """One state of a corpus's level definitions and mismatch dimensions. Append-only; a release freezes the newest."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="definitions_versions")
    number = models.PositiveIntegerField()
    level_definitions = models.JSONField(help_text='{"L1": "...", ..., "L4": "Perfect match: ..."}')
    dimensions = models.JSONField(help_text="names, in the order they are offered")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "number"], name="definitions_version_number")
        ]

    def __str__(self) -> str:
        return f"levels and dimensions v{self.number}"

"""Who said it: members of the corpus keep their names; anybody else a file names becomes a rater of this corpus alone."""

from annotation.importing.texts import plain
from catalog.services.raters import rater_ensure
from webapp.common.models import Corpus, User


class Raters:
    """Names and addresses of a file as people of this corpus; a rater can never sign in and is a member of nothing."""

    def __init__(self, corpus: Corpus, source: str) -> None:
        self.corpus, self.source = corpus, source
        self.known: dict[tuple[str, str], int] = {}

    def find(self, name: str, email: str) -> int:
        key = (plain(name).strip()[:120], plain(email).strip().lower()[:200])
        if key not in self.known:
            self.known[key] = self._person(*key).pk
        return self.known[key]

    def forget(self) -> None:
        """After a rolled back chunk: those made in it are gone."""
        self.known.clear()

    def _person(self, name: str, email: str) -> User:
        member = User.objects.filter(email=email, memberships__corpus=self.corpus).first() if email else None
        return member or self._rater(name, email)

    def _rater(self, name: str, email: str) -> User:
        local, _, domain = email.partition("@")
        if email and not domain.endswith(".raters.invalid"):
            local = email.replace("@", ".at.")
        local = local or name or self.source
        return rater_ensure(
            corpus=self.corpus, name=name or local.partition(".at.")[0] or self.source, handle=local
        )

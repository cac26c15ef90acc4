from django.apps import AppConfig


class RulesConfig(AppConfig):
    """The rule language, rules and versions, releases."""

    name = "rules"

    def ready(self) -> None:
        from rules import consumers, jobs, static_jobs  # noqa: F401  (register job kinds and the events' consumers)

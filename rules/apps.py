from django.apps import AppConfig


class RulesConfig(AppConfig):
    """The rule language, rules and versions, releases."""

    name = "rules"

    def ready(self) -> None:
        pass

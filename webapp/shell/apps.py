from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The top floor: home per role, health, the commands that cross rooms."""

    name = "webapp.shell"
    label = "shell"

    def ready(self) -> None:
        # Every process that wakes workers must know their broker, the web server and the commands included.
        from webapp import celery  # noqa: F401

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The top floor: home per role, health, the commands that cross rooms."""

    name = "webapp.shell"
    label = "shell"

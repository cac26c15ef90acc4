from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    """Campaigns, tasks, leases, judgments, rankings, consensus."""

    name = "annotation"

    def ready(self) -> None:
        pass

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    """Campaigns, tasks, leases, judgments, rankings, consensus."""

    name = "annotation"

    def ready(self) -> None:
        from annotation import consumers, jobs, quality_jobs  # noqa: F401  (register job kinds and the events' consumers)

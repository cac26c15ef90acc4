from django.apps import AppConfig


class TrainingBridgeConfig(AppConfig):
    """Snapshots, training jobs, evaluations, registry, gates, promotions."""

    name = "training_bridge"

    def ready(self) -> None:
        from training_bridge import consumers, jobs  # noqa: F401  (register job kinds and consumers)

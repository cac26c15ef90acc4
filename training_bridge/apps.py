from django.apps import AppConfig


class TrainingBridgeConfig(AppConfig):
    """Snapshots, training jobs, evaluations, registry, gates, promotions."""

    name = "training_bridge"

    def ready(self) -> None:
        pass

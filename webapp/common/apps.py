from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Ground floor: people, corpora, audit, errors, events, the job ledger, blobs."""

    name = "webapp.common"
    label = "common"

    def ready(self) -> None:
        from webapp.common import checks  # noqa: F401  (registers the system checks)
        from webapp.common.webhooks import jobs  # noqa: F401  (registers the deliveries)

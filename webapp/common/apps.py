from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Ground floor: people, corpora, audit, errors, events, the job ledger, blobs."""

    name = "webapp.common"
    label = "common"

    def ready(self) -> None:
        from webapp.common import checks, schema  # noqa: F401  (register the checks, and how the schema signs in)
        from webapp.common.webhooks import jobs  # noqa: F401  (registers the deliveries)

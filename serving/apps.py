from django.apps import AppConfig


class ServingConfig(AppConfig):
    """Strata, verdict cache, the relevance API."""

    name = "serving"

    def ready(self) -> None:
        from serving.services.sources import sources_offer

        sources_offer()

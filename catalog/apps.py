from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Corpora's content: queries, items and their versions, pictures, pairs, pages, traffic, settled verdicts."""

    name = "catalog"

    def ready(self) -> None:
        from catalog import jobs  # noqa: F401  (registers the job kinds)

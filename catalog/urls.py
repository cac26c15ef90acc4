"""Pages of this room."""

from django.urls import path, register_converter

from catalog import views


class HashConverter:
    """A blob's name: 64 hexadecimal digits."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


register_converter(HashConverter, "sha256")

app_name = "catalog"
urlpatterns = [
    path("", views.catalog_home, name="catalog_home"),
    path("queries/", views.query_list, name="query_list"),
    path("queries/<int:pk>/", views.query_detail, name="query_detail"),
    path("items/", views.item_list, name="item_list"),
    path("items/<int:pk>/", views.item_detail, name="item_detail"),
    path("imports/new/", views.import_create, name="import_create"),
    path("imports/<int:pk>/", views.import_detail, name="import_detail"),
    path("imports/<int:pk>/rejected.csv", views.import_rejected, name="import_rejected"),
    path("pictures/", views.fetch_detail, name="fetch_detail"),
    path("pictures/fetch/", views.fetch_create, name="fetch_create"),
    path("pictures/not-fetched.csv", views.fetch_lost, name="fetch_lost"),
    path("pictures/<sha256:sha256>", views.picture, name="picture"),
]

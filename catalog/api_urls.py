"""Endpoints of this room."""

from django.urls import path

from catalog import api

app_name = "catalog_api"
urlpatterns = [
    path("queries/", api.QueryListAPI.as_view(), name="query_list"),
    path("items/", api.ItemListAPI.as_view(), name="item_list"),
    path("pairs/", api.PairListAPI.as_view(), name="pair_list"),
    path("imports/", api.ImportCreateAPI.as_view(), name="import_create"),
    path("pictures/", api.FetchDetailAPI.as_view(), name="fetch_detail"),
    path("pictures/fetch/", api.FetchCreateAPI.as_view(), name="fetch_create"),
]

"""Endpoints of this room."""

from django.urls import URLPattern

app_name = "catalog_api"
urlpatterns: list[URLPattern] = []

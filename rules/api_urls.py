"""Endpoints of this room."""

from django.urls import URLPattern

app_name = "rules_api"
urlpatterns: list[URLPattern] = []

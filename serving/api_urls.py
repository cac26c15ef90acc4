"""Endpoints of this room."""

from django.urls import URLPattern

app_name = "serving_api"
urlpatterns: list[URLPattern] = []

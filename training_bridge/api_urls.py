"""Endpoints of this room."""

from django.urls import URLPattern

app_name = "training_api"
urlpatterns: list[URLPattern] = []

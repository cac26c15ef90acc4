"""Pages of this room."""

from django.urls import URLPattern

app_name = "shell"
urlpatterns: list[URLPattern] = []

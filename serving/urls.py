"""Pages of this room."""

from django.urls import URLPattern

app_name = "serving"
urlpatterns: list[URLPattern] = []

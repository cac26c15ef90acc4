"""API of this room, under /api/v1/."""

from django.urls import path

from serving import api

urlpatterns = [path("relevance", api.RelevanceView.as_view(), name="api_relevance")]

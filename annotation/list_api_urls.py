"""Endpoints about pages. Taken in by `annotation.api_urls`."""

from django.urls import path

from annotation.api import pages

urlpatterns = [
    path("pages/", pages.PagesView.as_view(), name="pages"),
    path("campaigns/pages/", pages.PageCampaignsView.as_view(), name="page_campaigns"),
    path(
        "campaigns/<int:pk>/page-verdicts/", pages.PageVerdictSubmitView.as_view(), name="page_verdict_submit"
    ),
    path("campaigns/<int:pk>/preferences/", pages.PreferenceSubmitView.as_view(), name="preference_submit"),
    path("campaigns/<int:pk>/outcome/", pages.PageOutcomeView.as_view(), name="page_outcome"),
]

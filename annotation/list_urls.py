"""Pages about lists: whole pages, two of them side by side, reasonings. Taken in by `annotation.urls`."""

from django.urls import path

from annotation.views import list_campaigns, pages, rank

urlpatterns = [
    path("campaigns/new/lists/", list_campaigns.list_campaign_create, name="list_campaign_create"),
    path("campaigns/<int:pk>/page/", pages.campaign_page, name="campaign_page"),
    path("campaigns/<int:pk>/sides/", pages.campaign_sides, name="campaign_sides"),
    path("campaigns/<int:pk>/page-verdicts/", pages.page_submit, name="page_submit"),
    path("campaigns/<int:pk>/preferences/", pages.preference_submit, name="preference_submit"),
    path("campaigns/<int:pk>/page-flag/", pages.page_flag, name="page_flag"),
    path("campaigns/<int:pk>/outcome/", pages.page_outcome, name="page_outcome"),
    path("reasonings/check/", rank.reasoning_check, name="reasoning_check"),
]

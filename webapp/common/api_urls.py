"""Endpoints of the ground floor."""

from django.urls import path

from webapp.common import webhook_api as api
from webapp.common.job_api import JobListView, JobView
from webapp.common.notice_api import NoticesView

app_name = "common_api"
urlpatterns = [
    path("jobs/", JobListView.as_view(), name="jobs"),
    path("jobs/<uuid:pk>/", JobView.as_view(), name="job"),
    path("notices/", NoticesView.as_view(), name="notices"),
    path("webhooks/", api.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<int:pk>/", api.WebhookView.as_view(), name="webhook"),
    path("webhooks/<int:pk>/test/", api.WebhookTestView.as_view(), name="webhook_test"),
    path("webhooks/<int:pk>/deliveries/", api.WebhookDeliveriesView.as_view(), name="webhook_deliveries"),
    path(
        "webhooks/<int:pk>/deliveries/<int:delivery>/repeat/",
        api.DeliveryRepeatView.as_view(),
        name="delivery_repeat",
    ),
]

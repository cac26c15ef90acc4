"""The table of contents of the site."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("", include("webapp.shell.urls")),
    path("", include("webapp.common.urls")),
    path("c/<slug:corpus>/catalog/", include("catalog.urls")),
    path("c/<slug:corpus>/rules/", include("rules.urls")),
    path("c/<slug:corpus>/annotation/", include("annotation.urls")),
    path("c/<slug:corpus>/training/", include("training_bridge.urls")),
    path("c/<slug:corpus>/serving/", include("serving.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/", include("serving.api_urls")),
    path("api/v1/corpora/<slug:corpus>/", include("webapp.common.api_urls")),
    path("api/v1/corpora/<slug:corpus>/", include("catalog.api_urls")),
    path("api/v1/corpora/<slug:corpus>/", include("rules.api_urls")),
    path("api/v1/corpora/<slug:corpus>/", include("annotation.api_urls")),
    path("api/v1/corpora/<slug:corpus>/", include("training_bridge.api_urls")),
]

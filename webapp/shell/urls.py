"""Home and health."""

from django.urls import path

from webapp.shell import views

app_name = "shell"
urlpatterns = [
    path("", views.home, name="home"),
    path("corpora/new/", views.corpus_create, name="corpus_create"),
    path("c/<slug:corpus>/", views.corpus_home, name="corpus_home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

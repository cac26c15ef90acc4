"""Pages of this room."""

from django.urls import path

from training_bridge import views

app_name = "training"
urlpatterns = [
    path("", views.training_home, name="training_home"),
    path("turns/new/", views.turn_create, name="turn_create"),
    path("turns/<int:pk>/", views.turn_detail, name="turn_detail"),
    path("turns/<int:pk>/progress/", views.turn_progress, name="turn_progress"),
    path("policy/", views.refresh_policy_edit, name="refresh_policy_edit"),
    path("models/", views.model_list, name="model_list"),
    path("models/rollback/", views.model_rollback, name="model_rollback"),
    path("models/<int:number>/", views.model_detail, name="model_detail"),
    path("models/<int:number>/promote/", views.model_promote, name="model_promote"),
    path("models/<int:number>/gate/", views.gate_create, name="gate_create"),
    path("suggestions/new/", views.suggestions_create, name="suggestions_create"),
    path("snapshots/", views.snapshot_list, name="snapshot_list"),
    path("snapshots/<int:number>/", views.snapshot_detail, name="snapshot_detail"),
]

"""API of this room, under /api/v1/corpora/<corpus>/."""

from django.urls import path

from training_bridge import api

urlpatterns = [
    path("turns", api.TurnListView.as_view(), name="api_turn_list"),
    path("turns/<int:pk>", api.TurnView.as_view(), name="api_turn"),
    path("turns/<int:pk>/evaluations", api.EvaluationListView.as_view(), name="api_evaluation_list"),
    path("suggestions", api.SuggestionsView.as_view(), name="api_suggestions"),
    path("models", api.ModelListView.as_view(), name="api_model_list"),
    path("models/rollback", api.ModelRollbackView.as_view(), name="api_model_rollback"),
    path("models/<slug:name>", api.ModelView.as_view(), name="api_model"),
    path("models/<slug:name>/promote", api.ModelPromoteView.as_view(), name="api_model_promote"),
]

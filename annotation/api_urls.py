"""Endpoints of this room."""

from django.urls import path

from annotation.api import exchange, lists, work

app_name = "annotation_api"
urlpatterns = [
    path("campaigns/", lists.CampaignsView.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/", lists.CampaignView.as_view(), name="campaign"),
    path("campaigns/<int:pk>/next/", work.NextView.as_view(), name="next"),
    path("campaigns/<int:pk>/judgments/", work.JudgmentSubmitView.as_view(), name="judgment_submit"),
    path("campaigns/<int:pk>/rankings/", work.RankingSubmitView.as_view(), name="ranking_submit"),
    path("campaigns/<int:pk>/undo/", work.UndoView.as_view(), name="undo"),
    path("campaigns/<int:pk>/skip/", work.SkipView.as_view(), name="skip"),
    path("judgments/", lists.JudgmentsView.as_view(), name="judgments"),
    path("rankings/", lists.RankingsView.as_view(), name="rankings"),
    path("judgments/formats/", exchange.FormatsView.as_view(), name="formats"),
    path("exports/", exchange.ExportsView.as_view(), name="exports"),
    path("exports/<uuid:pk>/", exchange.ExportView.as_view(), name="export"),
    path("exports/<uuid:pk>/file/", exchange.ExportFileView.as_view(), name="export_file"),
    path("judgments/imports/", exchange.ImportsView.as_view(), name="imports"),
    path("judgments/imports/<uuid:pk>/", exchange.ImportView.as_view(), name="import"),
    path("judgments/imports/<uuid:pk>/rejected/", exchange.ImportRejectedView.as_view(), name="import_rejected"),
]

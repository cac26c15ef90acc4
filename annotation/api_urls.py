"""Endpoints of this room."""

from django.urls import path

from annotation.api import exchange, keys, lists, quality, reviewing, running, triage, work
from annotation.list_api_urls import urlpatterns as list_patterns

app_name = "annotation_api"
urlpatterns = [
    *list_patterns,
    path("campaigns/", running.CampaignsView.as_view(), name="campaigns"),
    path("campaigns/rankings/", running.RankingCampaignsView.as_view(), name="ranking_campaigns"),
    path("campaigns/variants/", running.VariantsCampaignsView.as_view(), name="variants_campaigns"),
    path("campaigns/<int:pk>/", running.CampaignView.as_view(), name="campaign"),
    path("campaigns/<int:pk>/overlap/", running.CampaignOverlapView.as_view(), name="campaign_overlap"),
    path("campaigns/<int:pk>/clone/", running.CampaignCloneView.as_view(), name="campaign_clone"),
    path("campaigns/<int:pk>/assign/", running.CampaignAssignView.as_view(), name="campaign_assign"),
    path("campaigns/<int:pk>/leases/", work.LeasesView.as_view(), name="leases"),
    path("campaigns/<int:pk>/next/", work.NextView.as_view(), name="next"),
    path("campaigns/<int:pk>/judgments/", work.JudgmentSubmitView.as_view(), name="judgment_submit"),
    path("campaigns/<int:pk>/rankings/", work.RankingSubmitView.as_view(), name="ranking_submit"),
    path("campaigns/<int:pk>/undo/", work.UndoView.as_view(), name="undo"),
    path("campaigns/<int:pk>/skip/", work.SkipView.as_view(), name="skip"),
    path("flags/", reviewing.FlagsView.as_view(), name="flags"),
    path("flags/<int:pk>/resolve/", reviewing.FlagResolveView.as_view(), name="flag_resolve"),
    path("triage/", triage.TriageView.as_view(), name="triage"),
    path("triage/rules/", triage.RuleFeedbackView.as_view(), name="rule_feedback"),
    path("people/<int:pk>/answers/", lists.PersonAnswersView.as_view(), name="person_answers"),
    path("keys/", keys.KeysView.as_view(), name="keys"),
    path("gold/", reviewing.GoldListView.as_view(), name="gold_list"),
    path("gold/<int:pk>/", reviewing.GoldView.as_view(), name="gold"),
    path("disputes/", reviewing.DisputesView.as_view(), name="disputes"),
    path("adjudications/", reviewing.AdjudicationsView.as_view(), name="adjudications"),
    path("agreement/", reviewing.AgreementView.as_view(), name="agreement"),
    path("judgments/", lists.JudgmentsView.as_view(), name="judgments"),
    path("judgments/mine/", lists.MyJudgmentsView.as_view(), name="my_judgments"),
    path("judgments/<uuid:pk>/review/", reviewing.ReviewView.as_view(), name="judgment_review"),
    path("rankings/", lists.RankingsView.as_view(), name="rankings"),
    path("judgments/formats/", exchange.FormatsView.as_view(), name="formats"),
    path("exports/", exchange.ExportsView.as_view(), name="exports"),
    path("exports/<uuid:pk>/", exchange.ExportView.as_view(), name="export"),
    path("exports/<uuid:pk>/file/", exchange.ExportFileView.as_view(), name="export_file"),
    path("judgments/imports/", exchange.ImportsView.as_view(), name="imports"),
    path("judgments/imports/<uuid:pk>/", exchange.ImportView.as_view(), name="import"),
    path(
        "judgments/imports/<uuid:pk>/rejected/", exchange.ImportRejectedView.as_view(), name="import_rejected"
    ),
    path("campaigns/preview/", quality.PreviewView.as_view(), name="campaign_preview"),
    path("campaigns/<int:pk>/progress/", quality.ProgressView.as_view(), name="campaign_progress"),
    path("campaigns/<int:pk>/move/", quality.SlotsMoveView.as_view(), name="slots_move"),
    path("campaigns/<int:pk>/quiz/", quality.QuizView.as_view(), name="quiz"),
    path("campaigns/<int:pk>/quiz/waive/", quality.QuizWaiveView.as_view(), name="quiz_waive"),
    path("quality/", quality.QualityView.as_view(), name="quality"),
    path("quality/alarms/", quality.AlarmsView.as_view(), name="alarms"),
    path("quality/alarms/<int:pk>/resolve/", quality.AlarmResolveView.as_view(), name="alarm_resolve"),
    path("quality/settings/", quality.SettingsView.as_view(), name="quality_settings"),
]

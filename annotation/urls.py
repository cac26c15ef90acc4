"""Pages of this room."""

from django.urls import path

from annotation.list_urls import urlpatterns as list_patterns
from annotation.views import campaigns, exports, grade, keys, quality, rank, triage

app_name = "annotation"
urlpatterns = [
    *list_patterns,
    path("", campaigns.annotation_home, name="annotation_home"),
    path("campaigns/", campaigns.campaign_list, name="campaign_list"),
    path("campaigns/new/", campaigns.campaign_create, name="campaign_create"),
    path("campaigns/<int:pk>/", campaigns.campaign_detail, name="campaign_detail"),
    path("campaigns/<int:pk>/state/", campaigns.campaign_state, name="campaign_state"),
    path("campaigns/<int:pk>/grade/", grade.campaign_grade, name="campaign_grade"),
    path("campaigns/<int:pk>/review/", grade.campaign_review, name="campaign_review"),
    path("campaigns/<int:pk>/rank/", rank.campaign_rank, name="campaign_rank"),
    path("campaigns/<int:pk>/next/", grade.subject_next, name="subject_next"),
    path("campaigns/<int:pk>/judgments/", grade.judgment_submit, name="judgment_submit"),
    path("campaigns/<int:pk>/judgments/undo/", grade.judgment_undo, name="judgment_undo"),
    path("campaigns/<int:pk>/rankings/", rank.ranking_submit, name="ranking_submit"),
    path("campaigns/<int:pk>/rankings/undo/", rank.ranking_undo, name="ranking_undo"),
    path("campaigns/<int:pk>/skip/", grade.slot_skip, name="slot_skip"),
    path("campaigns/<int:pk>/flag/", grade.flag_raise, name="flag_raise"),
    path("campaigns/<int:pk>/leases/", grade.lease_renew, name="lease_renew"),
    path("adjudication/", quality.adjudication_list, name="adjudication_list"),
    path("adjudication/<int:pk>/", quality.adjudication_detail, name="adjudication_detail"),
    path("agreement/", quality.agreement_detail, name="agreement_detail"),
    path("triage/", triage.triage_list, name="triage_list"),
    path("triage/flags/<int:pk>/resolve/", triage.flag_resolve, name="flag_resolve"),
    path("keys/", keys.keymap_edit, name="keymap_edit"),
    path("keys/reset/", keys.keymap_reset, name="keymap_reset"),
    path("history/", quality.history_list, name="history_list"),
    path("exports/", exports.export_list, name="export_list"),
    path("exports/new/", exports.export_create, name="export_create"),
    path("exports/<uuid:pk>/", exports.export_download, name="export_download"),
    path("imports/new/", exports.judgments_import, name="judgments_import"),
    path("imports/<uuid:pk>/rejected/", exports.judgments_rejected, name="judgments_rejected"),
]

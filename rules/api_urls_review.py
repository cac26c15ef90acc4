"""Endpoints around releases and rules; named before the steps of a release, which take any word."""

from django.urls import path

from rules import api_drafts as drafts
from rules import api_review as api

urlpatterns = [
    path("rules/change/", api.RulesChangeAPI.as_view(), name="rules_change"),
    path("rules/news/", api.ReleaseNewsAPI.as_view(), name="release_news"),
    path("rules/by-code/<str:code>/comments/", api.RuleCommentListAPI.as_view(), name="rule_comments"),
    path("rules/by-code/<str:code>/examples/", api.RuleExampleListAPI.as_view(), name="rule_examples"),
    path(
        "rules/by-code/<str:code>/versions/<int:number>/restore/",
        api.VersionRestoreAPI.as_view(),
        name="version_restore",
    ),
    path("replay-sets/", api.ReplaySetListAPI.as_view(), name="replay_sets"),
    path("releases/<int:number>/impact/", api.ReleaseImpactAPI.as_view(), name="release_impact"),
    path("releases/<int:number>/diff/", api.ReleaseDiffAPI.as_view(), name="release_diff"),
    path("releases/<int:number>/left-out/", drafts.LeftOutListAPI.as_view(), name="left_out"),
    path("releases/<int:number>/left-out/<str:code>/", drafts.LeftOutAPI.as_view(), name="left_out_rule"),
    path("releases/<int:number>/comments/", api.CommentListAPI.as_view(), name="comments"),
    path("releases/<int:number>/plan/", api.ReleasePlanAPI.as_view(), name="release_plan"),
    path(
        "releases/<int:number>/acknowledge/", api.ReleaseAcknowledgeAPI.as_view(), name="release_acknowledge"
    ),
]

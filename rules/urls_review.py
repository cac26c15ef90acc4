"""Pages around releases and rules: comments, plans, replay sets, news, presence, bulk changes, one-key examples."""

from django.urls import path

from rules.views import bulk, drafts, examples, releases, review

urlpatterns = [
    path("change/", bulk.rules_change, name="rules_change"),
    path("examples/new/", examples.example_new, name="example_new"),
    path("examples/", examples.example_create, name="example_create"),
    path("news/", review.release_news, name="release_news"),
    path("rule/<str:code>/presence/", review.rule_presence, name="rule_presence"),
    path("rule/<str:code>/comment/", review.rule_comment, name="rule_comment"),
    path("releases/replay/", review.replay_set_list, name="replay_set_list"),
    path("releases/replay/new/", review.replay_set_create, name="replay_set_create"),
    path("releases/<int:number>/checks/", releases.release_checks, name="release_checks"),
    path("releases/<int:number>/reword/", drafts.release_reword, name="release_reword"),
    path("releases/<int:number>/leave-out/", drafts.release_leave_out, name="release_leave_out"),
    path("releases/<int:number>/put-back/", drafts.release_put_back, name="release_put_back"),
    path("releases/<int:number>/comment/", review.release_comment, name="release_comment"),
    path("releases/<int:number>/plan/", review.plan_create, name="plan_create"),
    path("releases/<int:number>/plan/cancel/", review.plan_cancel, name="plan_cancel"),
    path("releases/<int:number>/acknowledge/", review.release_acknowledge, name="release_acknowledge"),
]

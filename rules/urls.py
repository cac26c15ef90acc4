"""Pages of this room: rules, the editor's live answers, releases, help."""

from django.urls import path

from rules.urls_books import urlpatterns as books
from rules.urls_review import urlpatterns as around
from rules.views import conflicts, lint, live, publishing, releases, rules

app_name = "rules"
urlpatterns = [
    *around,
    *books,
    path("", rules.rule_list, name="rule_list"),
    path("new/", rules.rule_create, name="rule_create"),
    path("language/", rules.language_help, name="language_help"),
    path("rulebook.<str:form>", rules.rulebook_export, name="rulebook_export"),
    path("rule/<str:code>/", rules.rule_detail, name="rule_detail"),
    path("rule/<str:code>/edit/", rules.rule_edit, name="rule_edit"),
    path("rule/<str:code>/history/", rules.rule_history, name="rule_history"),
    path("rule/<str:code>/restore/<int:number>/", rules.rule_restore, name="rule_restore"),
    path("rule/<str:code>/retire/", rules.rule_retire, name="rule_retire"),
    # the editor's live answers: fragments about what stands in the form, saved or not
    path("live/fields/", live.field_list, name="field_list"),
    path("live/values/", live.value_list, name="value_list"),
    path("live/condition/", live.condition_check, name="condition_check"),
    path("live/principle/", live.principle_preview, name="principle_preview"),
    path("live/examples/", live.examples_run, name="examples_run"),
    path("live/coverage/", live.rule_coverage, name="rule_coverage"),
    path("live/pair/", live.rule_try, name="rule_try"),
    path("live/lint/", lint.lint_live, name="lint_live"),
    path("lint/", lint.lint_list, name="lint_list"),
    path("conflicts/", conflicts.conflict_list, name="conflict_list"),
    path("conflicts/resolve/", conflicts.conflict_resolve, name="conflict_resolve"),
    path("conflicts/check/", conflicts.conflict_check, name="conflict_check"),
    path("gaps/", conflicts.gap_list, name="gap_list"),
    path("firing/", live.firing_fragment, name="firing_fragment"),
    path("releases/", releases.release_list, name="release_list"),
    path("releases/new/", releases.release_create, name="release_create"),
    path("releases/<int:number>/", releases.release_detail, name="release_detail"),
    path("releases/<int:number>/impact/", publishing.release_impact, name="release_impact"),
    path("releases/<int:number>/refresh/", releases.release_refresh, name="release_refresh"),
    path("releases/<int:number>/submit/", releases.release_submit, name="release_submit"),
    path("releases/<int:number>/return/", releases.release_return, name="release_return"),
    path("releases/<int:number>/sign-off/", releases.release_sign_off, name="release_sign_off"),
    path("releases/<int:number>/publish/", publishing.release_publish, name="release_publish"),
    path("releases/<int:number>/rollback/", publishing.release_rollback, name="release_rollback"),
    path("releases/<int:number>/discard/", releases.release_discard, name="release_discard"),
]

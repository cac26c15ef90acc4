"""Endpoints of this room."""

from django.urls import path

from rules import api, api_books, api_lint, api_prove
from rules import api_definitions as definitions
from rules.api_urls_review import urlpatterns as around

app_name = "rules_api"
urlpatterns = [
    *around,
    path("rules/", api.RuleListAPI.as_view(), name="rule_list"),
    path("rules/lint/", api_lint.LintAPI.as_view(), name="lint"),
    path("rules/conflicts/", api_lint.ConflictListAPI.as_view(), name="conflict_list"),
    path("rules/conflicts/resolve/", api_lint.ConflictResolveAPI.as_view(), name="conflict_resolve"),
    path("rules/check/", api_prove.ConditionCheckAPI.as_view(), name="condition_check"),
    path("rules/coverage/", api_prove.CoverageAPI.as_view(), name="coverage"),
    path("rules/examples/", api_prove.ExamplesRunAPI.as_view(), name="examples_run"),
    path("rules/fields/", api_prove.FieldListAPI.as_view(), name="field_list"),
    path("rules/gaps/", api_prove.GapListAPI.as_view(), name="gap_list"),
    path("rules/evaluate/", api.EvaluateAPI.as_view(), name="evaluate"),
    path("rules/by-code/<str:code>/", api.RuleDetailAPI.as_view(), name="rule_detail"),
    path("rules/by-code/<str:code>/versions/", api.VersionListAPI.as_view(), name="version_list"),
    path("definitions/", definitions.DefinitionsAPI.as_view(), name="definitions"),
    path("definitions/rename/", definitions.DimensionRenameAPI.as_view(), name="dimension_rename"),
    path(
        "definitions/versions/", definitions.DefinitionsVersionListAPI.as_view(), name="definitions_versions"
    ),
    path(
        "definitions/versions/<int:number>/restore/",
        definitions.DefinitionsRestoreAPI.as_view(),
        name="definitions_restore",
    ),
    path("tables/", api_books.TableListAPI.as_view(), name="table_list"),
    path("tables/<str:name>/", api_books.TableDetailAPI.as_view(), name="table_detail"),
    path("tables/<str:name>/versions/", api_books.TableVersionListAPI.as_view(), name="table_versions"),
    path(
        "tables/<str:name>/versions/<int:number>/restore/",
        api_books.TableRestoreAPI.as_view(),
        name="table_restore",
    ),
    path("rulebook/file/", api_books.RulebookFileAPI.as_view(), name="rulebook_file"),
    path("rulebook/", api.RulebookAPI.as_view(), name="rulebook"),
    path("releases/", api.ReleaseListAPI.as_view(), name="release_list"),
    path("releases/<int:number>/", api.ReleaseDetailAPI.as_view(), name="release_detail"),
    path("releases/<int:number>/<slug:step>/", api.ReleaseStepAPI.as_view(), name="release_step"),
]

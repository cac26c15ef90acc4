"""Pages of files of rules, of the tables they ask, and of levels and dimensions."""

from django.urls import path

from rules.views import definitions, imports, tables

urlpatterns = [
    path("import/", imports.import_create, name="import_create"),
    path("import/look/", imports.import_detail, name="import_detail"),
    path("import/take-up/", imports.import_take_up, name="import_take_up"),
    path("import/refused.csv", imports.import_refused, name="import_refused"),
    path("levels/", definitions.definitions_detail, name="definitions_detail"),
    path("levels/save/", definitions.levels_save, name="levels_save"),
    path("levels/dimension/", definitions.dimension_change, name="dimension_change"),
    path("levels/restore/<int:number>/", definitions.definitions_restore, name="definitions_restore"),
    path("tables/", tables.table_list, name="table_list"),
    path("tables/new/", tables.table_create, name="table_create"),
    path("tables/export.<str:form>", tables.table_export, name="table_export"),
    path("tables/<str:name>/", tables.table_detail, name="table_detail"),
    path("tables/<str:name>/family/", tables.family_save, name="family_save"),
    path("tables/<str:name>/merge/", tables.family_merge, name="family_merge"),
    path("tables/<str:name>/examples/", tables.table_examples, name="table_examples"),
    path("tables/<str:name>/remove/", tables.table_remove, name="table_remove"),
    path("tables/<str:name>/restore/<int:number>/", tables.table_restore, name="table_restore"),
]

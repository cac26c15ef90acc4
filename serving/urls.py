"""Pages of this room."""

from django.urls import path

from serving import views

app_name = "serving"
urlpatterns = [
    path("", views.serving_home, name="serving_home"),
    path("try/", views.query_try, name="query_try"),
    path("requests/", views.request_list, name="request_list"),
    path("requests/<uuid:pk>/", views.request_detail, name="request_detail"),
    path("goodrate/new/", views.goodrate_create, name="goodrate_create"),
]

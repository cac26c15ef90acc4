"""Sign-in, account, people, audit, jobs."""

from django.urls import path

from webapp.common import notices, views, webhook_views

app_name = "common"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password_change, name="password_change"),
    path("account/keys/", views.api_key_create, name="api_key_create"),
    path("account/keys/<int:pk>/revoke/", views.api_key_revoke, name="api_key_revoke"),
    path("notices/", notices.notification_list, name="notification_list"),
    path("notices/bell/", notices.notification_bell, name="notification_bell"),
    path("notices/read/", notices.notifications_read, name="notifications_read"),
    path("notices/<int:pk>/open/", notices.notification_open, name="notification_open"),
    path("join/<str:secret>/", views.invitation_accept, name="invitation_accept"),
    path("jobs/<uuid:pk>/", views.job_fragment, name="job_fragment"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("c/<slug:corpus>/people/", views.people_list, name="people_list"),
    path("c/<slug:corpus>/people/invite/", views.member_invite, name="member_invite"),
    path("c/<slug:corpus>/people/<int:pk>/roles/", views.membership_set, name="membership_set"),
    path("c/<slug:corpus>/people/<int:pk>/reset/", views.password_reset_start, name="password_reset_start"),
    path("c/<slug:corpus>/people/<int:pk>/active/", views.person_active_set, name="person_active_set"),
    path("c/<slug:corpus>/audit/", views.audit_list, name="audit_list"),
    path("c/<slug:corpus>/jobs/", views.job_list, name="job_list"),
    path("c/<slug:corpus>/webhooks/", webhook_views.webhook_list, name="webhook_list"),
    path("c/<slug:corpus>/webhooks/new/", webhook_views.webhook_create, name="webhook_create"),
    path("c/<slug:corpus>/webhooks/<int:pk>/", webhook_views.webhook_detail, name="webhook_detail"),
    path("c/<slug:corpus>/webhooks/<int:pk>/act/", webhook_views.webhook_act, name="webhook_act"),
    path(
        "c/<slug:corpus>/webhooks/<int:pk>/deliveries/<int:delivery>/repeat/",
        webhook_views.delivery_repeat,
        name="delivery_repeat",
    ),
]

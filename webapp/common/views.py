"""Pages of the ground floor: sign-in, account, people, audit, jobs."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from webapp.common import services
from webapp.common.access import CorpusRequest, corpus_get_for, corpus_view
from webapp.common.errors import DomainError
from webapp.common.jobs import job_cancel as cancel
from webapp.common.models import ApiKey, AuditEntry, Corpus, Job, Role, User
from webapp.common.pages import keyset

sign_in = auth_views.LoginView.as_view(template_name="common/sign_in.html", redirect_authenticated_user=True)
sign_out = auth_views.LogoutView.as_view()
password_change = login_required(
    auth_views.PasswordChangeView.as_view(
        template_name="common/password_change.html", success_url="/account/"
    )
)


@require_GET
@login_required
def account(request: CorpusRequest) -> HttpResponse:
    memberships = request.user.memberships.select_related("corpus").order_by("corpus__name", "role")
    keys = request.user.api_keys.filter(revoked_at=None).select_related("corpus").order_by("-created_at")
    context = {"memberships": memberships, "keys": keys, "new_key": request.session.pop("new_key", "")}
    return render(request, "common/account.html", context)


@require_POST
@login_required
def api_key_create(request: CorpusRequest) -> HttpResponse:
    slug, _, role = request.POST.get("corpus_role", "").partition(":")
    corpus, _ = corpus_get_for(request.user, slug)
    name = request.POST.get("name", "")[:80]
    _, request.session["new_key"] = services.api_key_create(
        corpus=corpus, user=request.user, role=role, name=name
    )
    return redirect("common:account")


@require_POST
@login_required
def api_key_revoke(request: CorpusRequest, pk: int) -> HttpResponse:
    services.api_key_revoke(key=get_object_or_404(ApiKey, pk=pk, user=request.user), actor=request.user)
    messages.success(request, "The key was revoked.")
    return redirect("common:account")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = services.invitation_get(secret)
    known = User.objects.filter(email=invitation.email).exists()
    context: dict[str, Any] = {"invitation": invitation, "known": known and invitation.purpose == "join"}
    if request.method == "GET":
        return render(request, "common/invitation_accept.html", context)
    try:
        user = services.invitation_accept(
            secret=secret,
            display_name=request.POST.get("display_name", "")[:120],
            password=request.POST.get("password", ""),
        )
    except DomainError as error:
        return render(
            request, "common/invitation_accept.html", {**context, "error": error}, status=error.status
        )
    if not context["known"]:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("shell:home")


@require_GET
@corpus_view(Role.ADMIN)
def people_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    members: dict[int, dict[str, Any]] = {}
    for row in corpus.memberships.select_related("user").order_by("user__display_name", "role"):
        members.setdefault(row.user_id, {"user": row.user, "roles": set()})["roles"].add(row.role)
    context = {
        "members": list(members.values()),
        "role_choices": Role.choices,
        "link": request.session.pop("link", None),
    }
    return render(request, "common/people_list.html", context)


@require_POST
@corpus_view(Role.ADMIN)
def member_invite(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    invitation, secret = services.member_invite(
        corpus=corpus,
        email=request.POST.get("email", ""),
        roles=request.POST.getlist("roles"),
        actor=request.user,
    )
    _keep_link(request, invitation.email, secret)
    return redirect("common:people_list", corpus.slug)


def _keep_link(request: CorpusRequest, email: str, secret: str) -> None:
    url = request.build_absolute_uri(reverse("common:invitation_accept", args=[secret]))
    request.session["link"] = {"email": email, "url": url}


def _member(corpus: Corpus, pk: int) -> User:
    return get_object_or_404(User.objects.filter(memberships__corpus=corpus).distinct(), pk=pk)


@require_POST
@corpus_view(Role.ADMIN)
def membership_set(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    roles = request.POST.getlist("roles")
    services.membership_set(corpus=corpus, user=_member(corpus, pk), roles=roles, actor=request.user)
    messages.success(request, "Roles saved.")
    return redirect("common:people_list", corpus.slug)


@require_POST
@corpus_view(Role.ADMIN)
def password_reset_start(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    user = _member(corpus, pk)
    secret = services.password_reset_start(corpus=corpus, user=user, actor=request.user)
    _keep_link(request, user.email, secret)
    return redirect("common:people_list", corpus.slug)


@require_POST
@corpus_view(Role.ADMIN)
def person_active_set(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    active = request.POST.get("active") == "1"
    services.person_active_set(corpus=corpus, user=_member(corpus, pk), active=active, actor=request.user)
    messages.success(
        request, "The account was opened." if active else "The account was closed; its work stays."
    )
    return redirect("common:people_list", corpus.slug)


@require_GET
@corpus_view(Role.ADMIN, Role.REVIEWER, Role.EDITOR)
def audit_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rows = AuditEntry.objects.filter(corpus=corpus).select_related("actor")
    if action := request.GET.get("action", ""):
        rows = rows.filter(action__startswith=action)
    if subject := request.GET.get("subject", ""):
        rows = rows.filter(subject_type=subject.partition(":")[0], subject_id=subject.partition(":")[2])
    context = {
        "page": keyset(rows, ("-id",), request.GET.get("after", "")),
        "action": action,
        "subject": subject,
    }
    return render(request, "common/audit_list.html", context)


def _job_for(request: CorpusRequest, pk: uuid.UUID, *roles: str) -> Job:
    job = get_object_or_404(Job.objects.select_related("corpus"), pk=pk)
    if job.corpus is None:
        raise Http404
    request.corpus, request.roles = corpus_get_for(request.user, job.corpus.slug, *roles)
    return job


@require_GET
@login_required
def job_fragment(request: CorpusRequest, pk: uuid.UUID) -> HttpResponse:
    job = _job_for(request, pk)
    response = render(request, "common/_job.html", {"job": job}, status=286 if job.is_finished else 200)
    if job.is_finished:
        response["HX-Trigger"] = "job-ended"  # a page that shows what came of it fetches that
    return response


@require_GET
@corpus_view()
def job_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    page = keyset(
        corpus.jobs.select_related("requested_by"), ("-created_at", "-id"), request.GET.get("after", "")
    )
    return render(request, "common/job_list.html", {"page": page})


@require_POST
@login_required
def job_cancel(request: CorpusRequest, pk: uuid.UUID) -> HttpResponse:
    job = cancel(job=_job_for(request, pk, Role.ADMIN), actor=request.user)
    if request.htmx:
        return render(request, "common/_job.html", {"job": job})
    return redirect("common:job_list", job.corpus.slug if job.corpus else "")

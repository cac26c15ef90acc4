"""Webhooks of a corpus: addresses outside that are told of its events, and what became of each delivery."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role, Webhook
from webapp.common.pages import keyset
from webapp.common.webhook_forms import kind_choices, kinds_sent
from webapp.common.webhooks import services
from webapp.common.webhooks.services import webhook_get

SECRET = "webhook_secret"


@require_GET
@corpus_view(Role.ADMIN)
def webhook_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    hooks = Webhook.objects.filter(corpus=corpus).order_by("name")
    return render(request, "common/webhook_list.html", {"hooks": hooks, "kinds": kind_choices([])})


@require_POST
@corpus_view(Role.ADMIN)
def webhook_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    try:
        hook, secret = services.webhook_create(
            corpus=corpus, actor=request.user, name=request.POST.get("name", ""), url=request.POST.get("url", ""),
            kinds=kinds_sent(request.POST),
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("common:webhook_list", corpus.slug)
    request.session[SECRET] = secret
    return redirect("common:webhook_detail", corpus.slug, hook.pk)


@require_GET
@corpus_view(Role.ADMIN)
def webhook_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    hook = webhook_get(corpus, pk)
    context = {
        "hook": hook, "kinds": kind_choices(hook.kinds), "secret": request.session.pop(SECRET, ""),
        "other_kinds": [kind for kind in hook.kinds if kind not in services.KINDS],
        "page": keyset(hook.deliveries.all(), ("-id",), request.GET.get("after", ""), 30),
    }  # fmt: skip
    return render(request, "common/webhook_detail.html", context)


@require_POST
@corpus_view(Role.ADMIN)
def webhook_act(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """One button of the page: save, on, off, test, secret, remove."""
    hook, act, actor = webhook_get(corpus, pk), request.POST.get("act", ""), request.user
    try:
        if act == "save":
            services.webhook_change(
                webhook=hook, actor=actor, url=request.POST.get("url", ""), kinds=kinds_sent(request.POST)
            )
        elif act in {"on", "off"}:
            services.webhook_change(webhook=hook, actor=actor, active=act == "on")
        elif act == "test":
            services.webhook_test(webhook=hook, actor=actor)
        elif act == "secret":
            request.session[SECRET] = services.webhook_secret_renew(webhook=hook, actor=actor)
        elif act == "remove":
            services.webhook_remove(webhook=hook, actor=actor)
            return redirect("common:webhook_list", corpus.slug)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("common:webhook_detail", corpus.slug, pk)


@require_POST
@corpus_view(Role.ADMIN)
def delivery_repeat(request: CorpusRequest, corpus: Corpus, pk: int, delivery: int) -> HttpResponse:
    hook = webhook_get(corpus, pk)
    services.delivery_repeat(delivery=get_object_or_404(hook.deliveries, pk=delivery), actor=request.user)
    messages.info(request, "It is sent again, under the same event id.")
    return redirect("common:webhook_detail", corpus.slug, pk)

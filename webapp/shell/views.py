"""The top floor's pages: home per role, corpora, health."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from webapp.common import services
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus
from webapp.shell.health import parts_down
from webapp.shell.selectors import home_steps, memberships_by_corpus


@require_GET
@login_required
def home(request: CorpusRequest) -> HttpResponse:
    """With one corpus, its home; with several, the choice; with none, what to do about that."""
    corpora = memberships_by_corpus(request.user)
    if len(corpora) == 1 and not request.user.is_owner:
        return redirect("shell:corpus_home", next(iter(corpora)).slug)
    return render(request, "shell/home.html", {"corpora": corpora})


@require_GET
@corpus_view()
def corpus_home(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    steps = home_steps(corpus, request.user, request.roles)
    return render(request, "shell/corpus_home.html", {"steps": steps})


@require_http_methods(["GET", "POST"])
@login_required
def corpus_create(request: CorpusRequest) -> HttpResponse:
    if not request.user.is_owner:
        raise PermissionDenied("Only an owner of this installation makes a corpus.")
    if request.method == "GET":
        return render(request, "shell/corpus_create.html")
    name = request.POST.get("name", "").strip()[:120]
    try:
        corpus = services.corpus_create(slug=slugify(name)[:60], name=name, actor=request.user)
    except DomainError as error:
        return render(
            request, "shell/corpus_create.html", {"error": error, "name": name}, status=error.status
        )
    return redirect("shell:corpus_home", corpus.slug)


@require_GET
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every part answers, else 503 and the names of those that do not."""
    down = parts_down()
    return JsonResponse({"ready": not down, "down": sorted(down)}, status=503 if down else 200)

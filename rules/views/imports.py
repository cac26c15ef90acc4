"""A file of rules is handed in, looked at beside what there is, and taken up."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rules.formats import KINDS, Carried, decoded, refused_text, rulebook_read
from rules.formats.carried import LARGEST
from rules.services.imports import import_apply, import_plan
from rules.table_selectors import tables_current
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.blobs import blob_path, blob_put
from webapp.common.errors import Invalid, NotFound
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)
SHOWN = 60  # rules of which the page shows what differs
KEY = "rules_import"  # in the session: the file that a person is looking at


@require_http_methods(["GET", "POST"])
@corpus_view(*WRITERS)
def import_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The page to hand a file in; handing it in keeps it and shows the dry run."""
    if request.method == "GET":
        return render(
            request, "rules/import_create.html", {"kinds": KINDS, "largest": LARGEST // 1024 // 1024}
        )
    text, name = _handed_in(request)
    kind = request.POST.get("kind", "auto")
    rulebook_read(text, name=name, kind=kind, tables=tables_current(corpus))
    blob = blob_put(text.encode("utf-8"), "text/plain")
    request.session[KEY] = {
        "corpus": corpus.pk,
        "sha256": blob.sha256,
        "name": name,
        "kind": kind,
        "retire": request.POST.get("retire") == "1",
    }
    return redirect("rules:import_detail", corpus.slug)


def _handed_in(request: CorpusRequest) -> tuple[str, str]:
    """The text of the uploaded file, or of the field it was pasted into, and a name. Raises Invalid."""
    upload = request.FILES.get("file")
    if upload is not None:
        if (upload.size or 0) > LARGEST:
            raise Invalid(f"The file is larger than {LARGEST // 1024 // 1024} MB.", code="rulebook_invalid")
        return decoded(upload.read()), PurePath(upload.name or "").name[:120]
    text = request.POST.get("text", "")
    if not text.strip():
        raise Invalid("Choose a file, or paste its content.", code="rulebook_invalid")
    return text, "pasted text"


@require_GET
@corpus_view(*WRITERS)
def import_detail(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The dry run: what would be created, changed and refused."""
    kept, carried = _kept(request, corpus)
    plan = import_plan(corpus=corpus, carried=carried, retire_missing=kept["retire"])
    context = {
        "plan": plan,
        "name": kept["name"],
        "kind": KINDS[carried.kind],
        "retire": kept["retire"],
        "diff": plan.diff[:SHOWN],
        "more": max(0, len(plan.diff) - SHOWN),
        "refused": bool(carried.refused),
    }
    return render(request, "rules/import_detail.html", context)


@require_GET
@corpus_view(*WRITERS)
def import_refused(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The spreadsheet's rows that were refused, with problem and mend, to be corrected and handed in again."""
    _, carried = _kept(request, corpus)
    answer = HttpResponse(refused_text(carried.refused), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{corpus.slug}-refused.csv"'
    return answer


@require_POST
@corpus_view(*WRITERS)
def import_take_up(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    kept, carried = _kept(request, corpus)
    outcome = import_apply(
        corpus=corpus,
        carried=carried,
        actor=request.user,
        note=request.POST.get("note", "")[:300] or f"From {kept['name']}.",
        retire_missing=kept["retire"],
    )
    del request.session[KEY]
    said = f"{len(outcome.created)} rules are new, {len(outcome.changed)} changed, {len(outcome.retired)} retired."
    messages.success(request, f"{said} They count from the next release on.")
    return redirect("rules:rule_list", corpus.slug)


def _kept(request: CorpusRequest, corpus: Corpus) -> tuple[dict[str, Any], Carried]:
    """What this person handed in last for this corpus, read. Raises NotFound."""
    kept = request.session.get(KEY)
    if not kept or kept["corpus"] != corpus.pk:
        raise NotFound("There is no file to look at: hand one in first.")
    text = blob_path(kept["sha256"]).read_text(encoding="utf-8")
    return kept, rulebook_read(text, name=kept["name"], kind=kept["kind"], tables=tables_current(corpus))

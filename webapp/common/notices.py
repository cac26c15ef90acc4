"""Pages of a person's notifications: the list, the count in the top bar, marking as read."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from webapp.common import notifications
from webapp.common.access import CorpusRequest
from webapp.common.pages import keyset


@require_GET
@login_required
@never_cache
def notification_list(request: CorpusRequest) -> HttpResponse:
    """All of hers; asked by a fragment, only the few newest that she has not read."""
    rows = notifications.notifications_of(request.user)
    if request.htmx:
        unread = rows.filter(read_at=None).order_by("-id")[:5]
        return render(request, "common/_notifications.html", {"rows": unread})
    context = {
        "page": keyset(rows, ("-id",), request.GET.get("after", "")),
        "unread": notifications.notifications_unread(request.user),
    }
    return render(request, "common/notification_list.html", context)


@require_GET
@login_required
@never_cache
def notification_bell(request: CorpusRequest) -> HttpResponse:
    unread = notifications.notifications_unread(request.user)
    return render(request, "common/_bell.html", {"unread": unread})


@require_POST
@login_required
def notifications_read(request: CorpusRequest) -> HttpResponse:
    notifications.notifications_read(person=request.user)
    return redirect("common:notification_list")


@require_POST
@login_required
def notification_open(request: CorpusRequest, pk: int) -> HttpResponse:
    """Mark it as read and go where it leads (an address that this site wrote itself)."""
    row = get_object_or_404(notifications.notifications_of(request.user), pk=pk)
    notifications.notifications_read(person=request.user, pk=row.pk)
    return redirect(row.url)

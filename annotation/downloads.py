"""A blob as a download, for pages and programs."""

from django.http import FileResponse

from webapp.common.blobs import blob_path
from webapp.common.models import Blob


def file_response(found: tuple[Blob, str]) -> FileResponse:
    """Streamed from the store under the given name; never shown in the page."""
    blob, name = found
    return FileResponse(
        blob_path(blob.sha256).open("rb"), as_attachment=True, filename=name, content_type=blob.media_type
    )

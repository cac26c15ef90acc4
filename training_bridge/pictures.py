"""What pictures show, computed once from their bytes and kept by extractor: never taken from what a source says of them."""

import logging
from collections.abc import Sequence

from catalog.models import ImageEvidence, ItemImage
from training_bridge.synthesis.image_evidence import BadImage, image_evidence
from webapp.common.blobs import blob_path

logger = logging.getLogger(__name__)
EXTRACTOR = "colours 1"


def image_evidence_of(versions: Sequence[int]) -> dict[int, dict[str, object]]:
    """item version id -> what its first stored picture shows; versions without a readable picture are absent."""
    images = ItemImage.objects.filter(version_id__in=versions, state=ItemImage.State.STORED).order_by(
        "-position"
    )
    blobs = {image.version_id: str(image.blob_id) for image in images}
    held = ImageEvidence.objects.filter(blob_id__in=set(blobs.values()), extractor=EXTRACTOR)
    contents: dict[str, dict[str, object]] = {str(row.blob_id): dict(row.content) for row in held}
    missing = sorted(set(blobs.values()) - set(contents))
    fresh = {blob: _look(blob) for blob in missing}
    ImageEvidence.objects.bulk_create(
        [ImageEvidence(blob_id=blob, extractor=EXTRACTOR, content=found) for blob, found in fresh.items()],
        ignore_conflicts=True,
    )
    contents |= fresh
    return {version: contents[blob] for version, blob in blobs.items() if contents.get(blob)}


def _look(blob: str) -> dict[str, object]:
    """{} for a picture that cannot be read: it is not looked at again."""
    try:
        return dict(image_evidence(blob_path(blob).read_bytes()))
    except (BadImage, OSError) as error:
        logger.warning("picture %s shows nothing: %s", blob[:12], error)
        return {}

"""What pictures show, computed once from their bytes and kept by extractor: never taken from what a source says of them."""

import logging
from collections.abc import Collection, Sequence
from functools import lru_cache

from catalog.models import ImageEvidence, ItemImage, ItemVersion
from catalog.selectors import item_fields
from training_bridge.synthesis.image_evidence import image_evidence
from training_bridge.synthesis.picture_classes import (
    Classifier,
    classifiers_bytes,
    classifiers_read,
)
from training_bridge.synthesis.pictures import BadImage
from webapp.common.blobs import blob_path, blob_put
from webapp.common.models import Corpus

logger = logging.getLogger(__name__)
COLOURS = "colours 2"
MOST_TAUGHT = 4_000


def image_evidence_of(versions: Sequence[int], classifiers: str = "") -> dict[int, dict[str, object]]:
    """item version id -> what its first stored picture shows; versions without a readable picture are absent.

    `classifiers` is the blob of `classifiers_taught`: '' for dominant colours alone.
    """
    extractor = f"{COLOURS}, classes {classifiers[:16]}" if classifiers else COLOURS
    blobs = _first_pictures(versions)
    held = ImageEvidence.objects.filter(blob_id__in=set(blobs.values()), extractor=extractor)
    contents: dict[str, dict[str, object]] = {str(row.blob_id): dict(row.content) for row in held}
    missing = sorted(set(blobs.values()) - set(contents))
    fresh = {blob: _look(blob, classifiers) for blob in missing}
    ImageEvidence.objects.bulk_create(
        [ImageEvidence(blob_id=blob, extractor=extractor, content=found) for blob, found in fresh.items()],
        ignore_conflicts=True,
    )
    contents |= fresh
    return {version: contents[blob] for version, blob in blobs.items() if contents.get(blob)}


def classifiers_taught(corpus: Corpus, held_out: Collection[int]) -> tuple[str, dict[str, object]]:
    """Fit classifiers on the corpus's pictures and keep them: (blob hash, facts by way of speaking); ('', {}) for none.

    Pictures of `held_out` item versions teach nothing, so that what is measured on them is honest.
    """
    shown = ItemImage.objects.filter(state=ItemImage.State.STORED, version__item__corpus=corpus)
    wanted = shown.filter(version__in=corpus.items.values("current_id")).exclude(version_id__in=held_out)
    ids = sorted(set(wanted.values_list("version_id", flat=True)))
    chosen = ids[:: max(1, -(-len(ids) // MOST_TAUGHT))]
    pictures = _readable(_first_pictures(chosen))
    if not pictures:
        return "", {}
    rows = ItemVersion.objects.filter(pk__in=pictures).select_related("payload").order_by("pk")
    items = [(pictures[row.pk], item_fields(row)) for row in rows]
    from training_bridge.synthesis.picture_fitting import fit_classifiers  # noqa: PLC0415  scikit-learn is slow to load

    fitted = fit_classifiers([content for content, _ in items], [fields for _, fields in items])
    if not fitted:
        return "", {}
    blob = blob_put(classifiers_bytes(fitted), "application/x-npz")
    return str(blob.sha256), {one.speaks: one.facts() for one in fitted}


@lru_cache(maxsize=4)
def classifiers_of(blob: str) -> tuple[Classifier, ...]:
    """The classifiers of a blob, kept in the process: blobs never change."""
    return classifiers_read(blob_path(blob).read_bytes())


def _first_pictures(versions: Sequence[int]) -> dict[int, str]:
    images = ItemImage.objects.filter(version_id__in=versions, state=ItemImage.State.STORED)
    return {image.version_id: str(image.blob_id) for image in images.order_by("-position")}


def _readable(blobs: dict[int, str]) -> dict[int, bytes]:
    """The bytes of pictures that can be decoded; a broken one teaches nothing and stops nothing."""
    found: dict[int, bytes] = {}
    for version, blob in blobs.items():
        content = _bytes(blob)
        if content and _look(blob, ""):
            found[version] = content
    return found


def _bytes(blob: str) -> bytes:
    try:
        return blob_path(blob).read_bytes()
    except OSError as error:
        logger.warning("picture %s is missing: %s", blob[:12], error)
        return b""


def _look(blob: str, classifiers: str) -> dict[str, object]:
    """{} for a picture that cannot be read: it is not looked at again."""
    try:
        return dict(image_evidence(_bytes(blob), classifiers_of(classifiers) if classifiers else ()))
    except BadImage as error:
        logger.warning("picture %s shows nothing: %s", blob[:12], error)
        return {}

"""Pictures from outside: checked as what they say they are before they come into the store."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from webapp.common.blobs import blob_path, blob_write

LARGEST_BYTES = 10 << 20
LARGEST_PIXELS = 50_000_000
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


class PictureRefused(ValueError):
    """Not a picture, or one that is too large; the message says which."""


@dataclass(frozen=True)
class StoredPicture:
    sha256: str
    size: int
    media_type: str


def picture_check(content: bytes) -> str:
    """The media type the bytes themselves show, once they were decoded to the end. Raises PictureRefused."""
    if len(content) > LARGEST_BYTES:
        raise PictureRefused(f"larger than {LARGEST_BYTES >> 20} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=tuple(MEDIA_TYPES)) as picture:
                width, height = picture.size
                if width * height > LARGEST_PIXELS:
                    raise PictureRefused(f"more than {LARGEST_PIXELS // 1_000_000} million pixels")
                picture.draft("L", (1, 1))  # a JPEG is then read whole, but not blown up
                picture.load()
                return MEDIA_TYPES[str(picture.format)]
    except PictureRefused:
        raise
    except Image.DecompressionBombError as error:
        raise PictureRefused(f"more than {LARGEST_PIXELS // 1_000_000} million pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureRefused("not a JPEG, PNG, WebP or GIF picture") from error


def picture_store(content: bytes) -> StoredPicture:
    """Check and store; a picture that is there already is not written again. Raises PictureRefused."""
    media_type = picture_check(content)
    sha256 = hashlib.sha256(content).hexdigest()
    path = blob_path(sha256)
    if not (path.exists() and path.stat().st_size == len(content)):
        blob_write(content)
    return StoredPicture(sha256, len(content), media_type)


def picture_read(folder: Path, name: str) -> bytes:
    """A local picture named by an import; names cannot lead out of the folder. Raises PictureRefused."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PictureRefused("its name leads out of the folder")
    if not path.is_file():
        raise PictureRefused("no such file")
    if path.stat().st_size > LARGEST_BYTES:
        raise PictureRefused(f"larger than {LARGEST_BYTES >> 20} MB")
    return path.read_bytes()

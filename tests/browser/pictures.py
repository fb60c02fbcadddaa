"""Pictures of pages, made small enough to be kept, and how far two of them differ."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

REDUCED = 2  # times narrower and lower than the screen
QUALITY = 80
LEVELS = 6  # of 255 in one colour by which a point may differ
MOST = 0.0005  # of all points may differ by more


@dataclass(frozen=True)
class Difference:
    """share: of all points, those that differ; drawn: where they are, in red on what is seen."""

    share: float
    drawn: Image.Image

    @property
    def is_seen(self) -> bool:
        """Whether it is more than the tolerance."""
        return self.share > MOST


def small(screenshot: bytes) -> Image.Image:
    """A screenshot, reduced."""
    with Image.open(io.BytesIO(screenshot)) as whole:
        return whole.convert("RGB").reduce(REDUCED)


def as_kept(picture: Image.Image) -> Image.Image:
    """A small picture as it would be after it was kept, for that loses some of it."""
    written = io.BytesIO()
    _write(picture, written)
    return _read(written)


def keep(picture: Image.Image, path: Path) -> None:
    """Write a small picture."""
    with path.open("wb") as file:
        _write(picture, file)


def kept(path: Path) -> Image.Image:
    """A picture that was kept."""
    with path.open("rb") as file:
        return _read(file)


def difference(before: Image.Image, now: Image.Image) -> Difference:
    """How far a small picture differs from one that was kept; a picture of another size differs everywhere."""
    seen = as_kept(now)
    if before.size != seen.size:
        return Difference(1.0, seen)
    apart = ImageChops.difference(before, seen).split()
    most = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])
    marked = most.point(lambda level: 255 if level > LEVELS else 0)
    share = marked.histogram()[255] / (seen.width * seen.height)
    faint = Image.blend(seen, Image.new("RGB", seen.size, "white"), 0.6)
    return Difference(share, Image.composite(Image.new("RGB", seen.size, "red"), faint, marked))


def _write(picture: Image.Image, file: io.BufferedIOBase | io.BytesIO) -> None:
    picture.save(file, "WEBP", quality=QUALITY, method=6)


def _read(file: io.BufferedIOBase | io.BytesIO) -> Image.Image:
    with Image.open(file) as opened:
        return opened.convert("RGB")

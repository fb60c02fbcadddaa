"""Where the labels at the ends of lines go, so that no two lie on each other."""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 16  # px between the middles of two labels


@dataclass(frozen=True)
class End:
    """The end of a line in px of the plot, y from its bottom, and how wide its label is."""

    x: float
    y: float
    width: float
    strong: bool  # always labelled, to its right; others above or below it, and only where there is room


def spread(heights: Sequence[float], top: float) -> list[float]:
    """Heights moved as little as the order allows, so that neighbours are a gap apart and all lie between 0 and top.

    With more labels than fit they share the height evenly.
    """
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    gap = min(GAP, top / max(1, len(heights) - 1))
    moved = [0.0] * len(heights)
    floor = 0.0
    for place in order:
        moved[place] = floor = max(heights[place], floor)
        floor += gap
    ceiling = top
    for place in reversed(order):
        moved[place] = ceiling = min(moved[place], ceiling)
        ceiling -= gap
    return moved


def placed(ends: Sequence[End], width: float, top: float) -> list[tuple[float, float, str] | None]:
    """Where each label goes: px right of and above the end, and how it is anchored; None where there is no room.

    Strong ones are placed first, the highest before others, then the others from the right.
    """
    taken: list[tuple[float, float, float]] = []
    found: list[tuple[float, float, str] | None] = [None] * len(ends)
    order = sorted(range(len(ends)), key=lambda place: _turn(ends[place]))
    for place in order:
        end = ends[place]
        for right, up, anchor in _tried(end, width):
            left = end.x + right - (end.width if anchor == "right" else end.width / 2 if anchor == "center" else 0)
            middle = end.y + up
            free = all(
                left + end.width <= other_left or left >= other_right or abs(middle - other_middle) >= GAP
                for other_left, other_right, other_middle in taken
            )
            if free and 0 <= middle <= top:
                found[place] = right, up, anchor
                taken.append((left, left + end.width, middle))
                break
    return found


def _turn(end: End) -> tuple[bool, float]:
    return not end.strong, -end.y if end.strong else -end.x


def _tried(end: End, width: float) -> list[tuple[float, float, str]]:
    """Places for one label, the best first."""
    if end.strong:
        away = [float(sign * GAP * step) for step in (1, 2, 3) for sign in (1, -1)]
        if end.x + end.width + 7 <= width:
            return [(7.0, up, "left") for up in (0.0, *away)]
        return [(-7.0, up, "right") for up in away]
    anchor = "center"
    if end.x + end.width / 2 > width:
        anchor = "right"
    elif end.x < end.width / 2:
        anchor = "left"
    return [(0.0, up, anchor) for up in (12.0, -12.0, 12.0 + GAP, -12.0 - GAP)]

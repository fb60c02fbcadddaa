"""Colours by meaning. A chart carries placeholder colours that the front end replaces by the theme's own.

`.streamlit/config.toml` lists ten categorical, ten sequential and ten diverging colours for each theme; a chart drawn
with `theme="streamlit"` has #000001-#000010 replaced by the first list, #000011-#000020 by the second,
#000021-#000030 by the third, and #000035, #000037, #000038 by grid, text and background. Eight digits carry alpha.
So one figure serves both themes, and a meaning has one colour on every page.
"""

ACCENT, GOOD, BAD, UNCERTAIN = "#000001", "#000002", "#000003", "#000004"
CHANNELS = {
    "referral": "#000005",
    "opinion_leader": "#000006",
    "advertising": "#000007",
    "offline": "#000008",
    "partner": "#000009",
    "organic": "#000010",
}
SEQUENTIAL = tuple(f"#0000{number}" for number in range(11, 21))
TIERS = {
    "ordinary": "#000021",
    "bronze": "#000022",
    "silver": "#000023",
    "gold": "#000024",
    "platinum": "#000025",
}
BUCKETS = {"M0": "#000026", "M1": "#000027", "M2": "#000028", "M3": "#000029", "M3+": "#000030"}
GRID, TEXT, BACKGROUND = "#000035", "#000037", "#000038"

# How a number was judged against the book: worse, better, or no more than noise. The mark is there for print.
JUDGED = {"above": BAD, "below": GOOD, "": UNCERTAIN}
WELCOME = {"above": GOOD, "below": BAD, "": UNCERTAIN}  # where more is better
NEUTRAL = {"above": ACCENT, "below": ACCENT, "": UNCERTAIN}  # where more is neither better nor worse
MARKS = {"above": "▲", "below": "▼", "": "≈"}


def faded(colour: str, alpha: float) -> str:
    """A colour with opacity, as eight digits."""
    return f"{colour}{round(alpha * 255):02x}"


MUTED = faded(TEXT, 0.68)
# Under 4.5:1 on the background of one theme or the other: too faint for text.
_FAINT = frozenset(
    {
        *(TIERS[tier] for tier in ("ordinary", "silver", "gold")),
        *(CHANNELS[channel] for channel in ("advertising", "partner", "organic")),
        *(BUCKETS[bucket] for bucket in ("M0", "M1", "M2")),
        *SEQUENTIAL,
    }
)


def named(text: str, colour: str) -> str:
    """A name in its colour, or after a dot of it where the colour is too faint for text."""
    return f"<span style='color:{colour}'>●</span> {text}" if colour in _FAINT else text


def ink(colour: str) -> str:
    """In which colour `named` is written."""
    return TEXT if colour in _FAINT else colour

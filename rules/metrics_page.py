"""The metric registry as a page for people."""

from collections.abc import Iterable

from rules.metric import Metric
from rules.metrics import METRICS


def as_markdown(metrics: Iterable[Metric] = METRICS.values()) -> str:
    """METRICS.md: each metric with everything that the registry says of it."""
    return (
        "\n\n".join(
            ["# Metrics", "Written by `make docs` from the registry in `rules/metrics.py`.", *map(_section, metrics)]
        )
        + "\n"
    )


def _section(metric: Metric) -> str:
    facts = {
        "code": f"`{metric.code}`",
        "unit": metric.unit.value,
        "parts": ", ".join(f"`{part}`" for part in metric.parts),
        "counts": metric.calendar,
        "interval": metric.interval or "none",
        "noise test": metric.noise_test or "none, so no claim about differences is made",
        "source": metric.source,
    }
    listed = "\n".join(f"- {name}: {fact}" for name, fact in facts.items())
    return f"## {metric.name}\n\n{metric.definition}\n\n{listed}"

"""Figures as Prometheus reads them: its text format, version 0.0.4.

https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md, "Text-based format".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Sample:
    """One number, what tells it apart from the others of its metric, and what is added to the metric's name."""

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True)
class Metric:
    """A name, what it means, which kind of number it is, and its numbers."""

    name: str
    meaning: str
    kind: Literal["counter", "gauge", "summary"]
    samples: Sequence[Sample]


def written(metrics: Iterable[Metric]) -> str:
    """Return metrics as text; one without samples is left out."""
    return "".join(_metric(metric) for metric in metrics if metric.samples)


def _metric(metric: Metric) -> str:
    meaning = metric.meaning.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {metric.name} {meaning}", f"# TYPE {metric.name} {metric.kind}"]
    lines += [f"{metric.name}{each.suffix}{_labels(each.labels)} {_number(each.value)}" for each in metric.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)

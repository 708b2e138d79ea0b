"""What a part found, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Cell = str | int | float | None


@dataclass(kw_only=True)
class Part:
    """One table, and what must be said about it.

    Attributes:
        name: As in `--only`.
        title: What is compared.
        rows: Cells by the names of their columns, the same in each row.
        remarks: Sentences.
    """

    name: str
    title: str
    rows: list[dict[str, Cell]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Show it."""
        lines = [f"### {self.name}: {self.title}", ""]
        if self.rows:
            names = list(self.rows[0])
            lines += [_line(names), _line(["---"] + ["---:"] * (len(names) - 1))]
            lines += [_line([_text(row[name]) for name in names]) for row in self.rows]
            lines += [""]
        lines += [f"* {remark}" for remark in self.remarks]
        return "\n".join(lines).rstrip() + "\n"


def middle(values: Sequence[float]) -> tuple[float, str]:
    """Return the median, and the middle half as the noise around it."""
    if len(values) < 2:
        return values[0], "-"
    low, _, high = quantiles(values, n=4, method="inclusive")
    return median(values), f"{_text(low)} - {_text(high)}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.2f}" if abs(cell) < 10 else f"{cell:.0f}"
    return str(cell)

"""A chart of the ratios of times, as PNG and SVG."""

# pyright: reportUnknownMemberType=false
# Some signatures of matplotlib are only partially typed.

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import Row

__all__ = ["draw"]


def draw(rows: Sequence[Row], title: str, folder: Path) -> None:
    """Draw the ratios of all rows that have one; bars are medians, lines go from the least to the largest ratio.

    Args:
        folder: Receives ``ratios.png`` and ``ratios.svg``.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "hub-typed"  # the same ids in each run
    from matplotlib import pyplot as plt

    shown = [(row, row.ratio, row.spread) for row in rows if row.ratio is not None and row.spread is not None]
    figure, axes = plt.subplots(figsize=(9, 0.27 * len(shown) + 1.0), layout="constrained")
    for position, (row, ratio, (least, most)) in enumerate(reversed(shown)):
        axes.barh(position, ratio, color="#2a6f97" if ratio <= 1 else "#bc4749", height=0.7)
        axes.plot([least, most], [position, position], color="black", linewidth=1)
        axes.annotate(f" {ratio:.2f}", (max(ratio, most), position), va="center", fontsize=8)
        axes.annotate(f"{row.what} ", (0, position), ha="right", va="center", fontsize=8, annotation_clip=False)
    axes.axvline(1, color="gray", linewidth=1, linestyle="--")
    axes.set_yticks([])
    axes.set_xlim(left=0)
    axes.set_xlabel("time of hub-typed / time of huggingface_hub (less is faster)")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right", "left"]].set_visible(False)
    for kind in ("png", "svg"):
        metadata = {"Date": None} if kind == "svg" else {}
        figure.savefig(folder / f"ratios.{kind}", dpi=120, metadata=metadata, bbox_inches="tight")
    plt.close(figure)

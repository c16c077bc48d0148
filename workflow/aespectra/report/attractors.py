"""Where points end under the networks of a study, to read: a table of Markdown."""

import pandas as pd

from .pages import markdown

COLUMNS = {
    "fixed_points": ("fixed points", "{:.0f}"),
    "converged": ("come to rest", "{:.1%}"),
    "cycles": ("cycle", "{:.1%}"),
    "largest_basin": ("largest basin", "{:.0%}"),
    "spectral_radius_median": ("largest |λ|, median", "{:.2f}"),
    "spectral_radius_max": ("at most", "{:.3f}"),
    "to_training": ("to a training image", "{:.1f}"),
}
"""Of summary.attractor_tables.summarised, as they are headed and written."""


def markdown_attractors(table: pd.DataFrame) -> str:
    """A line a latent dimension, seeds apart by commas, without the end of the last line; of one family."""
    lines = []
    for d, mine in table.sort_values("seed").groupby("latent_dim"):
        lines.append([str(d), *(", ".join(map(form.format, mine[name])) for name, (_, form) in COLUMNS.items())])
    return markdown(["d", *(title for title, _ in COLUMNS.values())], *lines)

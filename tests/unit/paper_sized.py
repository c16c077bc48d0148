"""What the explorer's pages of the paper's whole grid are made of, in size: random numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from aespectra.claims.judge import judge, write_claims
from aespectra.explorer import contents, page
from aespectra.slabs.grid import Key
from aespectra.summary.file import Summary
from aespectra.summary.statistics import QUANTILES

from .claimed import as_claimed, summary_of
from .explored import write_tables

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())
SETS = ["mnist", *(each["name"] for each in CONFIG["evaluation"]["sets"])]
AXES = {"family": ["autoencoder"], "latent_dim": CONFIG["latent_dims"], "seed": CONFIG["seeds"], "dataset": SETS}
SCORES = [f"alone_latent_log_abs_{i}" for i in range(28)]
"""As many as detection has, of names as long."""
SAMPLES, PIXELS = 300, 784


def write_pages(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """explorer.html and explorer-small.html, with claims, detection and gaussianity."""
    rng = np.random.default_rng(0)
    more = {"jacobian": ["input", "latent"], "quantile": list(QUANTILES), "example": [0, 1, 2], "pixel": range(PIXELS)}
    more |= {"sample": range(SAMPLES), "eigenvalue": range(20)}

    def invented(names: list[str], *dims: str) -> dict[str, tuple]:
        shape = [len((AXES | more)[each]) for each in (*AXES, *dims)]
        return {name: ((*AXES, *dims), rng.normal(0.5, 1, shape).astype(np.float32)) for name in names}

    statistics = invented(["log_abs_quantiles", "abs_arg_quantiles"], "jacobian", "quantile")
    statistics |= invented(["difference_quantiles"], "quantile") | invented(
        ["reversed_share", "undefined_share"], "jacobian"
    )
    statistics |= invented(["reconstruction"], "example", "pixel")
    summary = xr.Dataset(statistics, {name: (AXES | more)[name] for name in (*AXES, "jacobian", "quantile")})
    summary.attrs = {"samples": SAMPLES, "image_shape": [1, 28, 28]}
    spectra = invented(["eigenvalue_real", "eigenvalue_imag"], "jacobian", "sample", "eigenvalue")
    spectra |= invented(["latent_norm", "reconstruction_mse", "same_activation_pattern"], "sample")
    cube = xr.Dataset(spectra, AXES)

    @contextmanager
    def opened(_: Path) -> Iterator[xr.Dataset]:
        yield cube

    monkeypatch.setattr(contents, "open_cube", opened)
    monkeypatch.setattr(contents, "in_order", lambda paths, _: paths)
    monkeypatch.setattr(contents, "_pixels", lambda _, places: rng.random((len(places), PIXELS)))
    monkeypatch.setattr(page, "open_summary", lambda _: Summary(summary, summary))
    write_claims(folder / "claims.csv", [row | {"family": "autoencoder"} for row in judge(summary_of(as_claimed()))])
    networks = [Key("autoencoder", d, seed) for d in AXES["latent_dim"] for seed in AXES["seed"]]
    write_tables(folder, networks, SETS[1:], SCORES)
    large, small = folder / "explorer.html", folder / "explorer-small.html"
    tables = ([folder / f"{name}.csv"] for name in ("claims", "detection", "gaussianity"))
    page.write_explorers(
        {large: page.ROOM, small: page.LITTLE_ROOM}, "Paper", folder, folder, [folder] * 11, 0, *tables
    )
    return large, small

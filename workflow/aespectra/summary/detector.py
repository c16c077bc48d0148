"""Outlier scores of points, by what is usual at training points: fitted on these alone, and on no other points.

Beside the spectra, what people use: reconstruction error and the distance of the latent. Nothing here is tuned: robust
scales, Mahalanobis distances and distances to the k-th nearest neighbour, as scikit-learn has them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..files import written_whole
from .evenly import evenly
from .scores import spectral_scores

NEIGHBOUR = 10
"""Whose distance counts: that of the nearest alone hangs on single training points."""

REFERENCE = 5000
"""Training points, at even distances, among which neighbours are looked for."""

RIDGE = 1e-6
"""Added to the variances of standardised scores: of a constant score the covariance has no inverse."""

FORMAT = "aespectra detector 1"


class Detector:
    """Scores of points by how unusual they are at training points, larger for more outlying ones.

    ``reconstruction`` is ln of the reconstruction error, ``reconstruction_two_sided`` its distance from the median at
    training points; ``latent_`` scores see z, ``spectra_`` those of ``scores.spectral_scores``, ``union_`` these, the
    reconstruction error and the two of the latent; ``_mahalanobis`` is the Mahalanobis distance, ``_knn`` that to
    the tenth nearest training point after standardising. Each spectral score stands alone as well, as ``alone_…``: its
    distance from the median. A point whose numbers are not all finite scores infinity.

    Parameters
    ----------
    latent : np.ndarray
        (n, d) z of training points.
    points : Mapping[str, np.ndarray]
        What their spectra are, as for ``spectral_scores``, and ``reconstruction_mse`` (n,).

    Raises
    ------
    ValueError
        There are fewer than 11 training points whose numbers are all finite.
    """

    def __init__(self, latent: np.ndarray, points: Mapping[str, np.ndarray]):
        features = _features(latent, points)
        known = np.isfinite(np.column_stack([*features.values()])).all(axis=1)
        if known.sum() <= NEIGHBOUR:
            raise ValueError(f"a detector needs more than {NEIGHBOUR} training points with finite spectra.")
        features = {name: each[known] for name, each in features.items()}
        self.state: dict[str, np.ndarray] = {
            "features": np.array(list(features)[2:]),
            "reconstruction_median": np.median(features["reconstruction"]),
        }
        self.state["alone_median"] = np.array([np.median(features[name]) for name in self.state["features"]])
        for name in ("latent", "spectra"):
            self._fit(name, self._columns(name, features))
        of_latent = self._distances("latent", features["latent"])
        self._fit("union", self._union(features, of_latent))

    @classmethod
    def of_blocks(cls, blocks: Iterable[tuple[np.ndarray, Mapping[str, np.ndarray]]]) -> "Detector":
        """The same from blocks of points, each with both arguments."""
        latents, points = zip(*blocks, strict=True)
        sample = {name: 1 if name == "eigenvalue" else -1 for name in points[0]}  # its axis
        joined = {name: np.concatenate([each[name] for each in points], axis=axis) for name, axis in sample.items()}
        return cls(np.concatenate(latents), joined)

    def scores(self, latent: np.ndarray, points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """(n,) float64 by the name of each score; arguments as of the constructor, of any points.

        Raises
        ------
        ValueError
            The points have another latent dimension than those that it was fitted on.
        """
        if latent.shape[1] != len(self.state["latent_centre"]):
            raise ValueError(
                f"this is a detector of networks with {len(self.state['latent_centre'])} latent units; the points have "
                f"{latent.shape[1]}."
            )
        features = _features(latent, points)
        unknown = ~np.isfinite(np.column_stack([*features.values()])).all(axis=1)
        features = {name: np.where(_along(unknown, each), 0, each) for name, each in features.items()}
        error = features["reconstruction"]
        found = {"reconstruction": error.copy()}
        found["reconstruction_two_sided"] = np.abs(error - self.state["reconstruction_median"])
        of_latent = self._distances("latent", features["latent"])
        found |= of_latent
        found |= self._distances("spectra", self._columns("spectra", features))
        found |= self._distances("union", self._union(features, of_latent))
        for name, median in zip(self.state["features"], self.state["alone_median"], strict=True):
            found[f"alone_{name}"] = np.abs(features[name] - median)
        for score in found.values():
            score[unknown] = np.inf
        return found

    def save(self, path: str | Path) -> None:
        """Write all that ``load`` needs into an .npz file, whole or not at all."""
        with written_whole(path) as part, part.open("wb") as file:
            np.savez(file, **{"format": np.array(FORMAT)}, **self.state)  # type: ignore[arg-type]  # of numpy's stubs

    @classmethod
    def load(cls, path: str | Path) -> "Detector":
        """What ``save`` wrote; nothing in the file is run.

        Raises
        ------
        ValueError
            The file is something else.
        """
        found = cls.__new__(cls)
        try:
            with np.load(path, allow_pickle=False) as file:
                found.state = {name: file[name] for name in file}
        except (ValueError, TypeError, OSError, EOFError, BadZipFile) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"{path} is no detector, or is broken: {error}") from error
        if str(found.state.pop("format", "")) != FORMAT:
            raise ValueError(f"{path} is no detector of this version ({FORMAT}).")
        return found

    def _columns(self, name: str, features: Mapping[str, np.ndarray]) -> np.ndarray:
        if name == "latent":
            return features["latent"]
        return np.column_stack([features[each] for each in self.state["features"]])

    def _union(self, features: Mapping[str, np.ndarray], of_latent: Mapping[str, np.ndarray]) -> np.ndarray:
        tiny = np.finfo(np.float32).tiny
        distances = [np.log(np.maximum(each, tiny)) for each in of_latent.values()]
        return np.column_stack([self._columns("spectra", features), features["reconstruction"], *distances])

    def _fit(self, name: str, columns: np.ndarray) -> None:
        """Centre and scale that outliers do not move, covariance of what they standardise, and neighbours."""
        low, centre, high = np.quantile(columns, (0.16, 0.5, 0.84), axis=0)
        scale = (high - low) / 2
        scale = np.where(scale > 0, scale, columns.std(axis=0))
        scale = np.where(scale > 0, scale, 1)
        standard = (columns - centre) / scale
        covariance = np.cov(standard, rowvar=False, bias=True).reshape(2 * [columns.shape[1]])
        self.state |= {
            f"{name}_centre": centre,
            f"{name}_scale": scale,
            f"{name}_mean": standard.mean(axis=0),
            f"{name}_precision": np.linalg.inv(covariance + RIDGE * np.eye(len(covariance))),
            f"{name}_reference": standard[evenly(len(standard), REFERENCE)].astype(np.float32),
        }

    def _distances(self, name: str, columns: np.ndarray) -> dict[str, np.ndarray]:
        from sklearn.neighbors import NearestNeighbors  # a second of imports

        of_group = {
            part: self.state[f"{name}_{part}"] for part in ("centre", "scale", "mean", "precision", "reference")
        }
        standard = (columns - of_group["centre"]) / of_group["scale"]
        away = standard - of_group["mean"]
        neighbours = NearestNeighbors(n_neighbors=NEIGHBOUR, algorithm="brute").fit(of_group["reference"])
        farthest = neighbours.kneighbors(standard.astype(np.float32))[0][:, -1]
        return {
            f"{name}_mahalanobis": np.sqrt(np.einsum("ni,ij,nj->n", away, of_group["precision"], away, optimize=True)),
            f"{name}_knn": farthest.astype(np.float64),
        }


def _features(latent: np.ndarray, points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    tiny = np.finfo(np.float32).tiny
    error: Any = points["reconstruction_mse"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        return {
            "latent": np.asarray(latent, np.float64),
            "reconstruction": np.log(np.maximum(error, tiny)),
            **spectral_scores(points),
        }


def _along(mask: np.ndarray, values: np.ndarray) -> np.ndarray:
    return mask.reshape(-1, *[1] * (values.ndim - 1))

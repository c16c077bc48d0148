"""Scores of points: against the matrices themselves, scikit-learn's covariance, and distances counted one by one."""

import numpy as np
import pytest
import torch
from aespectra.summary.detector import NEIGHBOUR, REFERENCE, Detector
from aespectra.summary.scores import spectral_scores
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.covariance import EmpiricalCovariance
from sklearn.metrics import roc_auc_score


def of_matrices(matrices: np.ndarray) -> dict[str, np.ndarray]:
    """What a slab has of points with these (2, n, d, d) matrices."""
    values = np.linalg.eigvals(matrices)
    order = np.argsort(-np.abs(values), axis=2, kind="stable")
    values = np.take_along_axis(values, order, axis=2)
    return {
        "eigenvalue": values,
        "zero_eigenvalues": np.zeros(values.shape[:2], int),
        "frobenius_norm": np.linalg.norm(matrices, axis=(2, 3)),
        "reconstruction_mse": np.abs(matrices[0]).mean(axis=(1, 2)),
        "same_activation_pattern": np.arange(values.shape[1]) % 2,
    }


def rounding(matrix: np.ndarray) -> float:
    """The least ‖K − I‖ that float32 tells from 0."""
    return 1e-3 * np.hypot(np.linalg.norm(matrix), np.sqrt(len(matrix)))


@settings(max_examples=50, deadline=None)
@example(1, 1, 0.35)  # nearer to the identity than that
@given(st.integers(1, 6), st.integers(0, 2**32 - 1), st.floats(-3, 3))
def test_scores_are_those_of_the_matrices(d, seed, scale):
    matrices = 10**scale * np.random.default_rng(seed).normal(size=(2, 5, d, d))
    found = spectral_scores(of_matrices(matrices))
    for jacobian, of_one in zip(("input", "latent"), matrices, strict=True):
        for i, matrix in enumerate(of_one):
            values = np.linalg.eigvals(matrix)
            expected = {
                "trace": np.trace(matrix) / d,
                "log_abs_mean": np.log(abs(np.linalg.det(matrix))) / d,
                "log_abs_std": np.log(abs(values)).std(),
                "log_abs_min": np.log(abs(values).min()),
                "log_abs_max": np.log(abs(values).max()),
                "abs_arg": abs(np.angle(values)).mean(),
                "log_norm": np.log(np.linalg.norm(matrix)),
                "log_from_identity": np.log(max(np.linalg.norm(matrix - np.eye(d)), rounding(matrix))),
            }
            for name, value in expected.items():
                assert found[f"{jacobian}_{name}"][i] == pytest.approx(value, rel=1e-6, abs=1e-6), name
            # Henrici: the norm of what is above the diagonal of the Schur form
            upper = torch.linalg.norm(torch.from_numpy(np.triu(_schur(matrix), 1))).item()
            if upper > 2e-3 * np.linalg.norm(matrix):
                assert found[f"{jacobian}_log_departure"][i] == pytest.approx(np.log(upper), rel=1e-6, abs=1e-6)


def _schur(matrix: np.ndarray) -> np.ndarray:
    from scipy.linalg import schur

    return schur(matrix, output="complex")[0]


def test_what_is_between_the_spectra_and_the_patterns():
    matrices = np.stack([np.diag([3.0, 1, 0.5]), np.diag([2.0, 1, 0.25])])[:, None].repeat(2, axis=1)
    found = spectral_scores(of_matrices(matrices))
    assert found["log_between"] == pytest.approx(np.log(np.hypot(1, 0.25)))
    assert found["other_pattern"].tolist() == [1, 0]


def test_zeros_are_small_and_have_no_angle():
    points = of_matrices(np.stack([np.diag([2.0, -1, 0])] * 2)[:, None])
    points["zero_eigenvalues"][:] = 1
    found = spectral_scores(points)
    assert found["input_log_abs_min"] == pytest.approx(np.log(1e-8 * np.sqrt(5)))
    assert found["input_abs_arg"] == pytest.approx(np.pi / 2)
    nothing = of_matrices(np.zeros((2, 1, 3, 3)))
    nothing["zero_eigenvalues"][:] = 3
    assert all(np.isfinite(score).all() for score in spectral_scores(nothing).values())


def test_a_point_without_a_spectrum_has_no_scores():
    points = of_matrices(np.random.default_rng(0).normal(size=(2, 3, 2, 2)))
    points["eigenvalue"][1, 1, 0] = np.nan
    assert all(np.isnan(score).tolist() == [False, True, False] for score in spectral_scores(points).values())


def draw(n: int, seed: int, shift: float = 0.0) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    matrices = np.eye(3) * 0.8 + 0.2 * rng.normal(size=(2, n, 3, 3)) + shift
    return rng.normal(size=(n, 3)) @ np.diag([1, 10, 0.1]) + shift, of_matrices(matrices)


@pytest.fixture(scope="module")
def fitted():
    return Detector(*draw(400, 0))


def test_distances_are_scikit_learns_and_those_counted_one_by_one(fitted):
    training, others = draw(400, 0), draw(30, 1, 0.3)
    found = fitted.scores(*others)
    low, centre, high = np.quantile(training[0], (0.16, 0.5, 0.84), axis=0)
    before, after = ((z - centre) / ((high - low) / 2) for z in (training[0], others[0]))
    expected = np.sqrt(EmpiricalCovariance().fit(before).mahalanobis(after))
    np.testing.assert_allclose(found["latent_mahalanobis"], expected, rtol=1e-5)
    assert len(before) < REFERENCE
    nearest = np.sort(cdist(after, before), axis=1)[:, NEIGHBOUR - 1]
    np.testing.assert_allclose(found["latent_knn"], nearest, rtol=1e-5)
    error = np.log(others[1]["reconstruction_mse"])
    median = np.median(np.log(training[1]["reconstruction_mse"]))
    np.testing.assert_allclose(found["reconstruction"], error)
    np.testing.assert_allclose(found["reconstruction_two_sided"], abs(error - median))
    trace, of_training = (spectral_scores(points[1])["input_trace"] for points in (others, training))
    np.testing.assert_allclose(found["alone_input_trace"], abs(trace - np.median(of_training)))


def test_the_union_sees_what_either_sees(fitted):
    inside, outside = draw(300, 2), draw(300, 3)
    outside[1]["reconstruction_mse"] *= 1e3
    by_error = fitted.scores(*outside)
    plain = fitted.scores(*inside)

    def auroc(name):
        return roc_auc_score([0] * 300 + [1] * 300, np.concatenate([plain[name], by_error[name]]))

    assert auroc("union_mahalanobis") > 0.99
    assert auroc("union_knn") > 0.99
    assert 0.4 < auroc("spectra_knn") < 0.6
    far = (inside[0] + 100, inside[1])
    assert fitted.scores(*far)["union_knn"].min() > np.quantile(plain["union_knn"], 0.5)


def test_points_like_those_of_training_do_not_stand_out(fitted):
    inside, training = fitted.scores(*draw(2000, 4)), fitted.scores(*draw(400, 0))
    assert len(inside) == 8 + 20
    for name in ("latent_mahalanobis", "spectra_mahalanobis", "union_mahalanobis"):
        area = roc_auc_score([0] * 400 + [1] * 2000, np.concatenate([training[name], inside[name]]))
        assert 0.45 < area < 0.65, name


def test_a_score_does_not_depend_on_the_points_beside_it(fitted):
    latent, points = draw(50, 5)
    whole = fitted.scores(latent, points)
    for i in (0, 17):
        one = {
            name: each[..., i : i + 1, :] if name == "eigenvalue" else each[..., i : i + 1]
            for name, each in points.items()
        }
        for name, score in fitted.scores(latent[i : i + 1], one).items():
            assert score[0] == pytest.approx(whole[name][i], rel=1e-6), name


def test_what_is_not_finite_is_the_most_outlying(fitted):
    latent, points = draw(5, 6)
    points["eigenvalue"][0, 2] = np.nan
    latent[3] = np.inf
    for name, score in fitted.scores(latent, points).items():
        assert np.isinf(score).tolist() == [False, False, True, True, False], name


def test_a_dead_unit_harms_nothing():
    latent, points = draw(200, 7)
    latent[:, 1] = 0.25
    points["zero_eigenvalues"][:] = 1
    points["eigenvalue"][:, :, -1] = 0
    scores = Detector(latent, points).scores(*draw(20, 8))
    assert all(np.isfinite(score).all() for score in scores.values())


def test_saved_and_loaded_it_gives_the_same_bits(fitted, tmp_path):
    fitted.save(tmp_path / "detector.npz")
    again = Detector.load(tmp_path / "detector.npz")
    points = draw(40, 9)
    expected = fitted.scores(*points)
    for name, score in again.scores(*points).items():
        assert np.array_equal(score, expected[name])
    with np.load(tmp_path / "detector.npz", allow_pickle=False) as file:  # no array of it is a pickle
        assert {file[name].dtype.kind for name in file} <= set("fU")


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04broken"])
def test_what_is_no_detector_is_refused(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.npz is no detector"):
        Detector.load(tmp_path / "x.npz")
    np.save(tmp_path / "z.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"z\.npy is no detector"):
        Detector.load(tmp_path / "z.npy")
    np.savez(tmp_path / "y.npz", a=np.zeros(3))
    with pytest.raises(ValueError, match=r"y\.npz is no detector of this version"):
        Detector.load(tmp_path / "y.npz")
    with pytest.raises(FileNotFoundError):
        Detector.load(tmp_path / "absent.npz")


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="more than 10 training points"):
        Detector(*draw(10, 0))

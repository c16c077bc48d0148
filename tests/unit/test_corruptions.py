"""Corruptions of images against formulas that are written out: pixel by pixel, without scipy."""

import math

import numpy as np
import pytest
from aespectra.data import noise
from aespectra.data.corruptions import corrupt, corrupted_blocks
from aespectra.data.pixels import Pixels, write_dataset
from hypothesis import given
from hypothesis import strategies as st

from .test_datasets import uniforms

NAMES = ["rotate", "translate", "mirror", "inverse", "dim", "gaussian_blur", "gaussian_noise"]


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape).astype(np.float32)


def between(image: np.ndarray, row: float, column: float) -> float:
    """Linear between the four pixels around a place; black outside."""
    top, left = math.floor(row), math.floor(column)
    value = 0.0
    for i in (top, top + 1):
        for j in (left, left + 1):
            if 0 <= i < image.shape[0] and 0 <= j < image.shape[1]:
                value += image[i, j] * (1 - abs(row - i)) * (1 - abs(column - j))
    return value


def moved(image: np.ndarray, where) -> np.ndarray:
    return np.array([[between(image, *where(i, j)) for j in range(image.shape[1])] for i in range(image.shape[0])])


def of_each(batch: np.ndarray, change) -> np.ndarray:
    return np.array([[change(channel.astype(np.float64)) for channel in image] for image in batch])


def turned_back(image: np.ndarray, degrees: float):
    """Where a pixel was before the image was turned counterclockwise, as it is looked at: rows go down."""
    angle, (middle, centre) = math.radians(degrees), ((length - 1) / 2 for length in image.shape)

    def where(i: int, j: int) -> tuple[float, float]:
        x, up = j - centre, middle - i
        x, up = math.cos(angle) * x + math.sin(angle) * up, math.cos(angle) * up - math.sin(angle) * x
        return middle - up, x + centre

    return where


@pytest.mark.parametrize("degrees", [0, 11.459, 22.918, 30, -45, 57.3, 90, 120, 180, -270, 360])
@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (1, 3, 7, 7), (1, 1, 6, 9)], ids=str)
def test_rotate_turns_counterclockwise_around_the_middle(shape, degrees):
    batch = images(*shape)
    expected = of_each(batch, lambda image: moved(image, turned_back(image, degrees)))
    np.testing.assert_allclose(corrupt(batch, "rotate", degrees, rng()), expected, atol=2e-6)


def test_a_quarter_turn_is_exact():
    batch = images(2, 1, 9, 9)
    np.testing.assert_array_equal(corrupt(batch, "rotate", 90, rng()), np.rot90(batch, axes=(2, 3)))


@pytest.mark.parametrize("pixels", [0, 1, 4, -3, 0.5, -1.25, 9, 100])
@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (1, 3, 5, 9)], ids=str)
def test_translate_moves_down_and_to_the_right(shape, pixels):
    batch = images(*shape)
    expected = of_each(batch, lambda image: moved(image, lambda i, j: (i - pixels, j - pixels)))
    np.testing.assert_allclose(corrupt(batch, "translate", pixels, rng()), expected, atol=2e-6)
    if pixels == 4:
        np.testing.assert_array_equal(corrupt(batch, "translate", 4, rng())[..., 4:, 4:], batch[..., :-4, :-4])


@pytest.mark.parametrize("sigma", [0, 0.3, 1, 2, 6])
@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (1, 3, 5, 9)], ids=str)
def test_gaussian_blur_is_a_sum_over_neighbours_and_edges_go_on(shape, sigma):
    batch = images(*shape)

    def blurred(image: np.ndarray) -> np.ndarray:
        reach = int(4 * sigma + 0.5)
        weights = [math.exp(-(k**2) / (2 * sigma**2)) if sigma else 1.0 for k in range(-reach, reach + 1)]
        height, width = image.shape
        found = np.zeros_like(image)
        for i in range(height):
            for j in range(width):
                for k, a in enumerate(weights):
                    for m, b in enumerate(weights):
                        row, column = min(max(i + k - reach, 0), height - 1), min(max(j + m - reach, 0), width - 1)
                        found[i, j] += a * b * image[row, column]
        return found / sum(weights) ** 2

    np.testing.assert_allclose(corrupt(batch, "gaussian_blur", sigma, rng()), of_each(batch, blurred), atol=2e-6)


def test_what_needs_no_neighbours():
    batch = images(3, 3, 4, 5)
    np.testing.assert_array_equal(corrupt(batch, "mirror", 0, rng())[:, :, :, 0], batch[:, :, :, 4])
    np.testing.assert_array_equal(corrupt(batch, "mirror", 0, rng()), batch[:, :, :, [4, 3, 2, 1, 0]])
    np.testing.assert_array_equal(corrupt(batch, "inverse", 0, rng()), np.float32(1) - batch)
    np.testing.assert_allclose(corrupt(batch, "dim", 0.25, rng()), 0.75 * batch.astype(float), rtol=1e-6)
    assert (corrupt(batch, "dim", 1, rng()) == 0).all()


@pytest.mark.parametrize("std", [0.08, 0.38])
def test_gaussian_noise_is_added_and_cut(std):
    batch = images(200, 1, 8, 8)
    drawn = rng().standard_normal(batch.shape)
    found = corrupt(batch, "gaussian_noise", std, rng())
    np.testing.assert_allclose(found, np.minimum(np.maximum(batch + std * drawn, 0), 1), atol=1e-7)
    inside = (found > 0) & (found < 1)
    kept = (batch > 4 * std) & (batch < 1 - 4 * std) if std < 0.1 else inside
    assert abs((found - batch)[kept]).mean() == pytest.approx(
        std * math.sqrt(2 / math.pi), rel=0.05 if std < 0.1 else 1
    )


@given(
    st.sampled_from(NAMES),
    st.floats(0, 1),
    st.tuples(st.integers(1, 3), st.sampled_from([1, 3]), st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from([0, 1, None]),
)
def test_corrupted_images_lie_in_zero_to_one(corruption, strength, shape, value):
    batch = images(*shape) if value is None else np.full(shape, value, np.float32)
    scale = {"rotate": 360, "translate": 12, "gaussian_blur": 5, "gaussian_noise": 1000}.get(corruption, 1)
    found = corrupt(batch, corruption, strength * scale, rng())
    assert found.shape == batch.shape
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("corruption", [name for name in NAMES if name not in ("mirror", "inverse")])
def test_strength_0_changes_nothing(corruption):
    batch = images(2, 3, 6, 7)
    np.testing.assert_allclose(corrupt(batch, corruption, 0, rng()), batch, atol=1e-6)


def test_an_unknown_corruption_is_named():
    with pytest.raises(ValueError, match="no corruption is called 'melt'"):
        corrupt(images(1, 1, 2, 2), "melt", 1, rng())


@pytest.mark.parametrize("corruption", NAMES)
def test_a_set_is_corrupted_in_its_order_a_block_at_a_time(tmp_path, corruption):
    stored = np.random.default_rng(1).integers(0, 17, (2300, 12), dtype=np.uint8)
    write_dataset(tmp_path / "of.nc", "of", [stored], {}, 16, (3, 2, 2))
    spec = {"name": "corrupted", "corruption": corruption, "strength": 0.4}
    with Pixels(tmp_path / "of.nc") as points:
        blocks = list(corrupted_blocks(points, spec, 5))
    assert [len(block) for block in blocks] == [1000, 1000, 300]
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    found = np.concatenate(blocks).reshape(-1, 3, 2, 2)
    batch = (stored / 16).astype(np.float32).reshape(-1, 3, 2, 2)
    if corruption != "gaussian_noise":
        np.testing.assert_array_equal(found, corrupt(batch, corruption, 0.4, rng()).astype(np.float32))
        return
    for block in range(3):
        part = slice(1000 * block, 1000 * block + 1000)
        normal = noise.stream(5, "corrupted", block).standard_normal((len(found[part]), 3, 2, 2))
        np.testing.assert_array_equal(found[part], (batch[part] + 0.4 * normal).clip(0, 1).astype(np.float32))


def test_streams_of_blocks_are_the_documented_ones():
    np.testing.assert_array_equal(noise.stream(7, "set", 3).random((1000, 2)), uniforms("set", 7, 3, 2))


def test_noise_differs_by_seed_and_by_name_of_the_set(tmp_path):
    write_dataset(tmp_path / "of.nc", "of", [np.full((4, 9), 128, np.uint8)], {}, 255)
    found = set()
    with Pixels(tmp_path / "of.nc") as points:
        for seed, name in ((0, "a"), (1, "a"), (0, "b"), (0, "a")):
            spec = {"name": name, "corruption": "gaussian_noise", "strength": 0.1}
            found.add(np.concatenate(list(corrupted_blocks(points, spec, seed))).tobytes())
    assert len(found) == 3

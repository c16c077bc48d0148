"""Pixel noise against scipy's distributions, and the dataset files."""

import hashlib
import json
import math

import netCDF4
import numpy as np
import pytest
import xarray as xr
from aespectra.data import noise as noise_sets
from aespectra.data.noise import draw, draw_block, noise_blocks
from aespectra.data.pixels import Pixels, write_dataset
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats


def spec(distribution: str, name: str = "a", **parameters: float) -> dict:
    return {"name": name, "distribution": distribution, **parameters}


def truth(parameters: dict):
    """scipy's frozen distribution of an entry of evaluation.sets."""
    match parameters["distribution"]:
        case "truncated_normal":
            mean, std = parameters["mean"], parameters["std"]
            return stats.truncnorm(-mean / std, (1 - mean) / std, mean, std)
        case "uniform":
            return stats.uniform(parameters["low"], parameters["high"] - parameters["low"])
        case "bernoulli":
            return stats.bernoulli(parameters["p"])
        case "beta":
            return stats.beta(parameters["alpha"], parameters["beta"])


CONTINUOUS = [
    spec("truncated_normal", mean=0.5, std=1),
    spec("truncated_normal", mean=0.1, std=0.2),
    spec("truncated_normal", mean=0.9, std=0.05),
    spec("truncated_normal", mean=1.5, std=0.3),
    spec("truncated_normal", mean=-40, std=1),
    spec("truncated_normal", mean=100, std=1),
    spec("truncated_normal", mean=-3, std=0.1),
    spec("truncated_normal", mean=0.5, std=1e3),
    spec("uniform", low=0, high=1),
    spec("uniform", low=0.25, high=0.3),
    spec("beta", alpha=0.8, beta=5),
    spec("beta", alpha=0.5, beta=0.5),
    spec("beta", alpha=5, beta=0.8),
    spec("beta", alpha=2, beta=3),
]
BERNOULLI = [spec("bernoulli", p=p) for p in (0.13, 0.25, 0.5, 0.75, 0.87)]


def identifier(parameters: dict) -> str:
    return "-".join(str(value) for key, value in parameters.items() if key != "name")


def uniforms(name: str, seed: int, block: int, pixels: int) -> np.ndarray:
    """The documented stream, from its own words: Philox, key = sha256 of seed/name, block in the highest word."""
    key = np.frombuffer(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16], "<u8")
    stream = np.random.Philox(key=key, counter=np.array([0, 0, 0, block], np.uint64))
    return np.random.Generator(stream).random((1000, pixels))


@pytest.mark.parametrize("parameters", CONTINUOUS, ids=identifier)
def test_continuous_noise_has_its_distribution(parameters):
    sample = draw(parameters, 0, 100, 0, 2000).astype(np.float64).ravel()
    expected = truth(parameters)
    assert stats.kstest(sample, expected.cdf).pvalue > 0.01
    # four standard errors, the fourth moment from the sample itself
    n, mean, variance = len(sample), expected.mean(), expected.var()
    centred = sample - mean
    assert abs(centred.mean()) < 4 * math.sqrt(variance / n)
    assert abs((centred**2).mean() - variance) < 4 * (centred**2).std() / math.sqrt(n) + 1e-12


@pytest.mark.parametrize("parameters", BERNOULLI, ids=identifier)
def test_bernoulli_noise_has_its_distribution(parameters):
    sample = draw(parameters, 0, 100, 0, 2000)
    assert sample.dtype == np.uint8
    assert set(np.unique(sample)) == {0, 1}
    assert stats.binomtest(int(sample.sum()), sample.size, parameters["p"]).pvalue > 0.01


@pytest.mark.parametrize("p", [0, 1])
def test_bernoulli_limits_are_constant(p):
    assert (draw(spec("bernoulli", p=p), 0, 50, 0, 1000) == p).all()


@pytest.mark.parametrize("parameters", [*CONTINUOUS, *BERNOULLI], ids=identifier)
def test_noise_lies_in_zero_to_one(parameters):
    sample = draw_block(parameters, 3, 2, 784)
    assert sample.shape == (1000, 784)
    assert sample.dtype == (np.uint8 if parameters["distribution"] == "bernoulli" else np.float32)
    assert np.isfinite(sample).all()
    assert sample.min() >= 0
    assert sample.max() <= 1


@given(
    st.one_of(
        st.builds(lambda m, s: spec("truncated_normal", mean=m, std=s), st.floats(-200, 200), st.floats(1e-6, 1e6)),
        st.builds(lambda p: spec("bernoulli", p=p), st.floats(0, 1)),
        st.builds(lambda a, b: spec("beta", alpha=a, beta=b), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)),
        st.builds(lambda a, b: spec("uniform", low=a, high=b), st.floats(0, 0.5), st.floats(0.5, 1, exclude_min=True)),
    )
)
def test_noise_of_any_allowed_parameters_lies_in_zero_to_one(parameters):
    sample = draw_block(parameters, 0, 0, 4)
    assert ((sample >= 0) & (sample <= 1)).all()


def test_uniform_and_bernoulli_use_the_documented_stream():
    u = uniforms("set", 7, 3, 5)
    np.testing.assert_array_equal(draw_block(spec("bernoulli", "set", p=0.3), 7, 3, 5), u < 0.3)
    uniform = draw_block(spec("uniform", "set", low=0.2, high=0.6), 7, 3, 5)
    np.testing.assert_allclose(uniform, 0.2 + 0.4 * u, rtol=1e-7)
    assert noise_sets.BLOCK == 1000


@pytest.mark.parametrize(
    ("mean", "std"),
    [
        (0.5, 1),
        (0.5, 0.05),
        (0.3, 2),
        (-0.5, 0.5),
        (1.5, 0.5),
        (-40, 1),
        (41, 1),
        (100, 1),
        (-29, 1),
        (-31, 1),
        (31.5, 1),
        (-3, 0.1),
        (4, 0.1),
        (-40, 0.01),
        (0, 1e-3),
        (1, 1e-3),
    ],
)
def test_truncated_normal_inverts_scipys_distribution_function(mean, std):
    """Value by value on the documented stream, counted from the upper end for means below 0; rtol is float32's."""
    u = uniforms("set", 0, 0, 20)
    values = draw_block(spec("truncated_normal", "set", mean=mean, std=std), 0, 0, 20).astype(np.float64)
    u = 1 - u if mean < 0 else u
    expected = stats.truncnorm.ppf(u, -mean / std, (1 - mean) / std, mean, std)
    mirrored = 1 - stats.truncnorm.ppf(1 - u, -(1 - mean) / std, mean / std, 1 - mean, std)
    np.testing.assert_allclose(expected, mirrored, atol=1e-9)  # scipy agrees with itself
    np.testing.assert_allclose(values, expected, rtol=2e-7, atol=1e-9)


def test_very_narrow_truncated_normal_is_the_normal():
    u = uniforms("set", 0, 0, 20)
    values = draw_block(spec("truncated_normal", "set", mean=0.5, std=1e-5), 0, 0, 20)
    np.testing.assert_allclose(values, 0.5 + 1e-5 * special.ndtri(u), atol=1e-7)


@pytest.mark.parametrize("std", [1e3, 1e6, 1e8, 1e12, 1e17, 1e300])
def test_very_wide_truncated_normal_is_uniform(std):
    u = uniforms("set", 0, 0, 20)
    values = draw_block(spec("truncated_normal", "set", mean=0.5, std=std), 0, 0, 20)
    np.testing.assert_allclose(values, u, atol=1e-6)


@pytest.mark.parametrize(("mean", "edge"), [(-2, 0), (2, 1), (-1e6, 0), (1e6, 1)])
@pytest.mark.parametrize("std", [1e-3, 1e-100])
def test_truncated_normal_far_outside_sits_at_the_edge(mean, edge, std):
    values = draw_block(spec("truncated_normal", mean=mean, std=std), 0, 0, 20)
    np.testing.assert_allclose(values, edge, atol=1e-5)


@pytest.mark.parametrize("std", [1e-9, 1e-3, 1, 1e6])
@pytest.mark.parametrize("mean", [-1000, 0, 1, 1000])
def test_noise_at_the_ends_of_what_a_config_may_say(mean, std):
    values = draw_block(spec("truncated_normal", mean=mean, std=std), 0, 0, 3)
    assert ((values >= 0) & (values <= 1)).all()


@pytest.mark.parametrize("beta", [5e-324, 1e-5, 1e6])
@pytest.mark.parametrize("alpha", [5e-324, 1e-5, 1e6])
def test_beta_noise_at_the_ends_of_what_a_config_may_say(alpha, beta):
    values = draw_block(spec("beta", alpha=alpha, beta=beta), 0, 0, 3)
    assert ((values >= 0) & (values <= 1)).all()


def test_unknown_distribution_is_named():
    with pytest.raises(ValueError, match=r"^noise set 'x'.*cauchy"):
        draw_block(spec("cauchy", "x"), 0, 0, 3)


def strongest_correlation(columns: np.ndarray) -> float:
    matrix = np.corrcoef(columns.astype(np.float64), rowvar=False)
    return np.abs(matrix - np.eye(len(matrix))).max()


INDEPENDENT = [CONTINUOUS[0], CONTINUOUS[8], CONTINUOUS[10], BERNOULLI[0]]


@pytest.mark.parametrize("parameters", INDEPENDENT, ids=identifier)
def test_pixels_are_independent(parameters):
    sample = draw(parameters, 0, 60, 0, 10_000)
    # 1770 pairs of 10,000: the largest of so many is near 3.4 / sqrt(n), 5.5 has odds of 1e-4
    assert strongest_correlation(sample) < 5.5 / math.sqrt(len(sample))
    assert strongest_correlation(sample.astype(np.float64) ** 2) < 5.5 / math.sqrt(len(sample))
    # the next sample and the next block know nothing of this one
    for step in (1, 1000):
        pairs = np.column_stack([sample[:-step].ravel(), sample[step:].ravel()])
        assert strongest_correlation(pairs) < 5 / math.sqrt(len(pairs))


@pytest.mark.parametrize("parameters", INDEPENDENT, ids=identifier)
def test_sets_and_seeds_and_blocks_are_independent(parameters):
    others = [
        draw_block(parameters, 0, 0, 50),
        draw_block(parameters, 0, 1, 50),
        draw_block(parameters, 1, 0, 50),
        draw_block(parameters | {"name": "b"}, 0, 0, 50),
        draw_block(parameters | {"name": "1/a"}, 0, 0, 50),
    ]
    assert strongest_correlation(np.column_stack([block.ravel() for block in others])) < 5 / math.sqrt(50_000)


@pytest.mark.parametrize("parameters", INDEPENDENT, ids=identifier)
def test_the_same_arguments_give_the_same_noise(parameters):
    first = draw_block(parameters, 5, 4, 30)
    np.random.default_rng(0).random(10)
    np.testing.assert_array_equal(draw_block(parameters, 5, 4, 30), first)


@pytest.mark.parametrize("block", [1000, 7, 1])
@given(st.data())
def test_any_slice_is_that_of_the_whole(block, data):
    parameters = data.draw(st.sampled_from(INDEPENDENT))
    total = 3 * min(block, 10) + (2000 if block == 1000 else 0)
    start = data.draw(st.integers(0, total - 1))
    stop = data.draw(st.integers(start + 1, total))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noise_sets, "BLOCK", block)
        whole = np.concatenate([draw_block(parameters, 0, i, 3) for i in range(-(-total // block))])[:total]
        np.testing.assert_array_equal(draw(parameters, 0, 3, start, stop), whole[start:stop])
        np.testing.assert_array_equal(np.concatenate(list(noise_blocks(parameters, 0, 3, stop))), whole[:stop])


@pytest.mark.parametrize(
    ("start", "stop", "blocks"), [(0, 1000, [0]), (999, 1001, [0, 1]), (2000, 3000, [2]), (1500, 1501, [1])]
)
def test_only_the_blocks_of_a_slice_are_drawn(monkeypatch, start, stop, blocks):
    drawn = []

    def watch(parameters, seed, block, pixels):
        drawn.append(block)
        return draw_block(parameters, seed, block, pixels)

    monkeypatch.setattr(noise_sets, "draw_block", watch)
    draw(INDEPENDENT[0], 0, 2, start, stop)
    assert drawn == blocks


def test_noise_blocks_are_no_larger_than_a_block():
    assert [len(block) for block in noise_blocks(INDEPENDENT[0], 0, 2, 2500)] == [1000, 1000, 500]


BLOCKS = {
    "float": ([np.random.default_rng(0).random((n, 5)).astype(np.float32) for n in (1000, 1000, 37)], 1.0),
    "bernoulli": ([np.random.default_rng(1).integers(0, 2, (n, 5), dtype=np.uint8) for n in (1000, 3)], 1.0),
    "bytes": ([np.arange(256, dtype=np.uint8).reshape(64, 4)], 255),
    "sixteen": ([np.arange(17, dtype=np.uint8).reshape(17, 1)], 16),
    "white": ([np.full((3, 4), 255, np.uint8)], 255),
}


@pytest.fixture(params=BLOCKS)
def written(request, tmp_path):
    """(path, values) of a dataset file and the float64 values it must stand for."""
    blocks, full_scale = BLOCKS[request.param]
    path = tmp_path / "new" / "set.nc"
    write_dataset(path, "some set", iter(blocks), {"name": "some set", "p": 0.5}, full_scale)
    return path, np.concatenate(blocks).astype(np.float64) / full_scale


def test_pixels_reads_what_was_written(written):
    path, values = written
    with Pixels(path) as pixels:
        assert len(pixels) == len(values)
        assert pixels.pixels == values.shape[1]
        assert pixels.name == "some set"
        assert pixels.mean_pixel == pytest.approx(math.fsum(values.ravel()) / values.size, rel=1e-12)
        assert pixels.pixel_variance == pytest.approx(values.var(axis=0).mean(), rel=1e-10, abs=1e-15)
        for part in (slice(0, len(values)), slice(0, 3), slice(2, 3), slice(len(values) - 1, len(values) + 5)):
            found = pixels[part]
            assert type(found) is np.ndarray
            assert found.dtype == np.float32
            assert found.flags.writeable  # torch.from_numpy warns of others
            np.testing.assert_array_equal(found, values[part].astype(np.float32))


@pytest.mark.parametrize(
    ("pixels", "said", "shape"),
    [(16, None, (1, 4, 4)), (12, None, (1, 1, 12)), (12, (3, 2, 2), (3, 2, 2)), (16, (1, 2, 8), (1, 2, 8))],
)
def test_a_file_says_the_shape_of_its_images(tmp_path, pixels, said, shape):
    write_dataset(tmp_path / "a.nc", "a", [np.zeros((3, pixels), np.uint8)], {}, image_shape=said)
    with Pixels(tmp_path / "a.nc") as file:
        assert file.image_shape == shape
        assert all(type(length) is int for length in file.image_shape)
    with netCDF4.Dataset(tmp_path / "a.nc", "a") as file:
        assert file.image_shape.tolist() == list(shape)
        del file.image_shape
    with Pixels(tmp_path / "a.nc") as file:  # of a version that did not write it
        assert file.image_shape == ((1, 4, 4) if pixels == 16 else (1, 1, 12))


def test_xarray_decodes_the_same_values(written):
    path, values = written
    with xr.open_dataset(path) as file, Pixels(path) as pixels:
        assert file["pixel"].dims == ("sample", "pixel")
        assert not file["pixel"].isnull().any()
        np.testing.assert_allclose(file["pixel"].values, pixels[: len(values)], rtol=2e-7)
        assert file.attrs["mean_pixel"] == pixels.mean_pixel
        assert file.attrs["dataset"] == "some set"
        assert json.loads(file.attrs["config"]) == {"name": "some set", "p": 0.5}
        assert file["pixel"].attrs["units"] == "1"
        assert file["pixel"].attrs["long_name"]


def test_bytes_are_stored_as_bytes(written):
    path, values = written
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        stored = file["pixel"][:]
        assert stored.dtype == (np.float32 if values.max() < 1 else np.uint8)
        assert file["pixel"].filters()["fletcher32"]


def test_white_is_no_missing_value(written, tmp_path):
    """netCDF's default fill value of bytes is 255: neither other readers nor Pixels may take white for missing."""
    with netCDF4.Dataset(written[0]) as file:
        assert not np.ma.is_masked(file["pixel"][:])
    with netCDF4.Dataset(tmp_path / "other.nc", "w") as file:
        file.createDimension("sample", None)
        file.createDimension("pixel", 2)
        variable = file.createVariable("pixel", "u1", ("sample", "pixel"))
        variable.scale_factor = 1 / 255
        variable.set_auto_maskandscale(False)
        variable[:] = np.array([[0, 255]], np.uint8)
        file.setncatts({"dataset": "other", "mean_pixel": 0.5})
    with Pixels(tmp_path / "other.nc") as pixels:
        assert np.asarray(pixels[:]).tolist() == [[0, 1]]
        assert math.isnan(pixels.pixel_variance)  # a file of a version that did not write it


def test_pixels_closes_its_file(written):
    pixels = Pixels(written[0])
    with pixels:
        pass
    with pytest.raises(RuntimeError):
        pixels[:1]


@pytest.mark.parametrize("before", [None, b"kept"])
def test_a_crash_while_writing_leaves_no_file(tmp_path, before):
    def blocks():
        yield np.zeros((1000, 3), np.float32)
        raise KeyboardInterrupt

    path = tmp_path / "set.nc"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(KeyboardInterrupt):
        write_dataset(path, "x", blocks(), {})
    assert [file.name for file in tmp_path.iterdir()] == ([] if before is None else ["set.nc"])
    assert before is None or path.read_bytes() == before


def test_the_same_set_makes_the_same_bytes(tmp_path):
    for name in ("one.nc", "two.nc"):
        write_dataset(tmp_path / name, "x", noise_blocks(INDEPENDENT[2], 0, 9, 1500), {"b": 1, "a": 2})
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()

"""What lies in a folder of results: broken files are named, the user's own are left alone, a kept study is compared."""

import copy
import json

import netCDF4
import numpy as np
import pytest
from aespectra.integrity import BrokenFileError, reading
from aespectra.slabs.grid import Key
from study.families import families, named
from study.kept import check_elsewhere, check_found, check_made, check_networks, check_summary
from study.leftovers import check_leftovers
from study.schema import ConfigError


def netcdf(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", 3)
    return path


def test_files_of_the_user_are_left_alone(tmp_path):
    own = tmp_path / "datasets" / "mine.nc"
    own.parent.mkdir()
    own.write_text("not netCDF at all")
    (tmp_path / "models" / "autoencoder").mkdir(parents=True)
    (tmp_path / "models" / "autoencoder" / "mine.safetensors").write_text("mine")
    (tmp_path / "models" / "autoencoder" / "d2_seed0.safetensors.bak").write_text("mine")
    check_leftovers(tmp_path, {"autoencoder": {"kind": "autoencoder"}}, [netcdf(tmp_path / "summary.nc")])


def test_broken_files_of_the_study_are_named(tmp_path):
    broken = netcdf(tmp_path / "datasets" / "uniform.nc")
    broken.write_bytes(broken.read_bytes()[:-1])
    with pytest.raises(BrokenFileError, match=r"uniform\.nc is truncated"):
        check_leftovers(tmp_path, {}, [broken, tmp_path / "absent.nc"])


@pytest.mark.parametrize("name", ["summary.nc", "figures/figure_1.png", "claims.csv"])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path, name):
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(BrokenFileError, match=r" is a folder, where a file is to be written: move it away\.$"):
        check_leftovers(tmp_path, {}, [tmp_path / name])


def test_a_corrupted_file_is_named_where_netcdf_names_none(tmp_path):
    path = tmp_path / "noise.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("x", 1000)
        file.createVariable("v", "f8", ("x",), fletcher32=True, chunksizes=(1000,))[:] = np.arange(1000.0)
    content = bytearray(path.read_bytes())
    where = content.find(np.float64(500).tobytes() + np.float64(501).tobytes())
    content[where + 3] ^= 1
    path.write_bytes(content)
    with netCDF4.Dataset(path) as file, pytest.raises(BrokenFileError) as caught, reading(path):
        file["v"][:]
    assert str(caught.value).startswith(f"{path} is corrupted (NetCDF: ")
    assert "delete it and run again" in str(caught.value)


def test_a_missing_file_is_not_corrupted(tmp_path):
    with pytest.raises(FileNotFoundError), reading(tmp_path / "x.nc"):
        netCDF4.Dataset(tmp_path / "x.nc")


@pytest.fixture
def kept(tmp_path, study_config):
    """A kept study of the paper's config, for d = 2 and 3, without any values."""
    config = copy.deepcopy(study_config) | {"latent_dims": [2, 3]}
    config["evaluation"]["sets"] = config["evaluation"]["sets"][:4]
    for key in grid(config):
        path = tmp_path / "models" / key.family / f"d{key.latent_dim}_seed{key.seed}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with netCDF4.Dataset(tmp_path / "summary.nc", "w") as file:
        file.config = json.dumps(config)
        names = ["mnist", *(each["name"] for each in config["evaluation"]["sets"])]
        values = {"family": config["families"], "dataset": names} | {
            "latent_dim": config["latent_dims"],
            "seed": config["seeds"],
        }
        for name, of in values.items():
            file.createDimension(name, len(of))
            text = isinstance(of[0], str)
            file.createVariable(name, str if text else "i8", (name,))[:] = np.array(of, dtype=object if text else "i8")
    return tmp_path, config


def grid(config) -> list[Key]:
    return [Key(f, d, s) for f in config["families"] for d in config["latent_dims"] for s in config["seeds"]]


def names(config) -> list[str]:
    return [named(each)["name"] for each in config["families"]]


def test_what_was_kept_may_be_asked_for(kept):
    folder, config = kept
    check_networks(folder, grid(config))
    check_summary(folder, config, names(config))
    check_networks(folder, grid(config | {"latent_dims": [3], "seeds": [1]}))
    turned = config | {"latent_dims": [3, 2], "seeds": [1, 0]}
    check_summary(folder, turned, names(turned))


@pytest.mark.parametrize("where", ["nowhere", "..", "."])
def test_where_no_study_lies_is_said(tmp_path, where):
    said = (
        r"^config key .kept. is .*, where no finished study lies; "
        r"it must be a folder with models/, summary.nc, both, or detection.csv\.$"
    )
    with pytest.raises(ConfigError, match=said):
        check_networks(tmp_path / where, [])


def test_loss_curves_may_be_kept_without_their_networks(tmp_path, study_config):
    curve = tmp_path / "models" / "autoencoder" / "d2_seed0_loss.csv"
    curve.parent.mkdir(parents=True)
    curve.touch()
    with pytest.raises(ConfigError, match="where no finished study lies"):
        check_networks(tmp_path, grid(study_config))
    (tmp_path / "summary.nc").touch()
    check_networks(tmp_path, grid(study_config))


@pytest.mark.parametrize("content", [b"", b"no netCDF at all", b"\x89HDF\r\n\x1a\n and no more"])
def test_a_kept_summary_that_is_broken_is_named(kept, content):
    folder, config = kept
    (folder / "summary.nc").write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"/summary\.nc is corrupted \("):
        check_summary(folder, config, names(config))


def test_a_netcdf_file_that_is_no_summary_is_named(kept):
    folder, config = kept
    netcdf(folder / "summary.nc")
    with pytest.raises(BrokenFileError, match=r"/summary\.nc is corrupted \("):
        check_summary(folder, config, names(config))


@pytest.mark.parametrize("where", ["results/mine", "results/mine/models", "results/other/../mine"])
def test_a_study_cannot_draw_on_its_own_results(tmp_path, where):
    (tmp_path / "results" / "mine" / "models").mkdir(parents=True)
    (tmp_path / "results" / "other").mkdir()
    results = tmp_path / "results" / "mine"
    with pytest.raises(
        ConfigError, match=r"^config key 'kept' is '.*', where this study's own results go \(.*mine\); "
    ):
        check_elsewhere("kept", tmp_path / where, results)
    check_elsewhere("kept", tmp_path / "results" / "mine-kept", results)
    check_elsewhere("kept", tmp_path / "results", results)


def test_a_folder_without_networks_of_the_study_is_no_place_to_take_them_from(kept, study_config):
    folder, config = kept
    check_found(folder / "models", grid(config))
    check_found(folder / "models", grid(config | {"seeds": [7]}))  # which this study trains
    with pytest.raises(ConfigError, match=r"which has no network of this study, such as autoencoder/d2_seed0\.safe"):
        check_found(folder, grid(config))
    with pytest.raises(ConfigError, match=r"which has no network of this study, such as other/d2_seed0\.safetensors"):
        check_found(folder / "models", grid(config | {"families": ["other"]}))
    with pytest.raises(ConfigError, match=r"^config key 'networks_from' is '.*/gone', which is no folder\.$"):
        check_found(folder / "gone", grid(config))


def test_networks_of_other_images_are_not_taken(study_config, request):
    models = request.config.rootpath / "results" / "reference" / "models"
    kinds = request.config.rootpath / "workflow" / "aespectra" / "models" / "families"
    check_made(models, grid(study_config), families(study_config, kinds), "mnist")
    with pytest.raises(
        BrokenFileError, match=r"d2_seed0\.safetensors was made with images mnist, clothes is asked for"
    ):
        check_made(models, grid(study_config), families(study_config, kinds), "clothes")
    shorter = study_config | {"training": study_config["training"] | {"epochs": 5}}
    with pytest.raises(BrokenFileError, match=r"was made with training\.epochs 300, 5 is asked for"):
        check_made(models, grid(shorter), families(shorter, kinds), "mnist")


@pytest.mark.parametrize("changes", [{"latent_dims": [2, 25]}, {"seeds": [0, 7]}, {"families": ["other"]}])
def test_networks_that_were_not_kept_are_named(kept, changes):
    folder, config = kept
    with pytest.raises(
        ConfigError, match=r"^config key 'kept' is '.*', which has no models/\w+/d\d+_seed\d\.safetensors; "
    ):
        check_networks(folder, grid(config | changes))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"latent_dims": [2, 25]},
            "'latent_dims' asks for 25, and {}/summary.nc, which figures and claims are drawn from, has 2, 3;",
        ),
        ({"seeds": [0, 7]}, "'seeds' asks for 7, and"),
        ({"latent_dims": [3]}, "'latent_dims' asks for 3 alone, and {}/summary.nc, which figures and claims are drawn"),
        ({"seeds": [1]}, "'seeds' asks for 1 alone, and"),
        ({"training": {"epochs": 5}}, "'training.epochs' asks for 5, and"),
        ({"autoencoder": {"hidden": [3]}}, "'autoencoder.hidden' asks for [3], and"),
        ({"families": ["autoencoder", {"name": "b", "kind": "autoencoder"}]}, "'families' asks for b, and"),
        ({"images": {"name": "digits"}}, "'images.name' asks for digits, and"),
        ({"evaluation": {"samples": 10}}, "'evaluation.samples' asks for 10, and"),
        ({"evaluation": {"seed": 3}}, "'evaluation.seed' asks for 3, and"),
        (
            {"evaluation": {"sets": [{"name": "x", "distribution": "bernoulli", "p": 1}]}},
            "'evaluation.sets' asks for x, and",
        ),
        ({"evaluation": {"sets": []}}, "'evaluation.sets' asks for none alone, and"),
        (
            {"spectra": {"precision": "float64", "geometry": True}},
            "'spectra.geometry' asks for true, and {}/summary.nc, which figures and claims are drawn from, has no si",
        ),
    ],
)
def test_a_figure_of_what_was_not_kept_is_refused(kept, changes, says):
    folder, config = kept
    sections = ("evaluation", "training", "autoencoder")
    config = config | changes | {name: config[name] | changes.get(name, {}) for name in sections}
    with pytest.raises(ConfigError) as caught:
        check_summary(folder, config, names(config))
    assert f"config key {says.format(folder)}" in str(caught.value)
    assert str(caught.value).endswith("or name the targets cube and summary alone.")


def test_a_set_of_another_distribution_is_refused(kept):
    folder, config = kept
    first, *others = config["evaluation"]["sets"]
    config = config | {"evaluation": config["evaluation"] | {"sets": [first | {"p": 0.1}, *others]}}
    with pytest.raises(ConfigError, match=rf"^config key 'evaluation\.sets \({first['name']}\)' asks for"):
        check_summary(folder, config, names(config))


def test_the_reference_is_such_a_study(study_config, request):
    folder = request.config.rootpath / "results" / "reference"
    check_networks(folder, grid(study_config))
    check_summary(folder, study_config, names(study_config))

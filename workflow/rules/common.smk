# Shared by all rules: the checked config, the library on the path, the names of things.
import ast
import os
import re
import sys
from itertools import product
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

WORKFLOW = Path(str(workflow.current_basedir)).parent
LIBRARY = WORKFLOW / "aespectra"
sys.path.insert(0, str(WORKFLOW))  # reaches every script

from aespectra.config import ConfigError, check_config
from aespectra.devices import choose_device, cuda_present
from aespectra.integrity import BrokenFileError, check_architecture, check_mnist, check_netcdf

SCHEMA = WORKFLOW / "schemas" / "config.schema.yaml"

try:
    check_config(config, yaml.safe_load(SCHEMA.read_text()))
except ConfigError as error:
    raise WorkflowError(error) from None
validate(config, str(SCHEMA))  # fills in the defaults

FAMILIES, LATENT_DIMS, SEEDS = config["families"], config["latent_dims"], config["seeds"]
GRID = list(product(FAMILIES, LATENT_DIMS, SEEDS))
D_TRAIN = config["images"]["name"]
EVALUATION_SETS = {each["name"]: each for each in config["evaluation"]["sets"]}
DATASETS = [f"<results>/datasets/{name}.nc" for name in (D_TRAIN, *EVALUATION_SETS)]
MODELS = f"{config['kept'] or '<results>'}/models"
SUMMARY = f"{config['kept'] or '<results>'}/summary.nc"
GPUS = int(config["device"] == "cuda" or (config["device"] == "auto" and cuda_present()))


wildcard_constraints:
    family="|".join(FAMILIES),
    latent_dim=r"\d+",
    seed=r"\d+",


def over_grid(pattern: str) -> list[str]:
    """One file for every family, latent dimension and seed, in that order."""
    return [pattern.format(family=family, latent_dim=d, seed=seed) for family, d, seed in GRID]


def growing(amount: int):
    """A resource of which each further attempt of a job asks for as much again (attempts: --retries, or a profile)."""
    return lambda wildcards, attempt: amount * attempt


def library(*modules: str) -> list[str]:
    """These modules of the library and all that they import: as inputs, they re-run what depends on an edited one.

    Left out is logs.py, which cannot change a result.
    """
    found, todo = set(), [LIBRARY / module for module in modules]
    while todo:
        path = todo.pop()
        if path in found or path.name == "logs.py":
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                package = path.parents[node.level - 1]
                names = [node.module] if node.module else [alias.name for alias in node.names]
                modules = [package / f"{name.replace('.', '/')}.py" for name in names]
                todo += [module if module.exists() else package / "__init__.py" for module in modules]
    return sorted(os.path.relpath(path) for path in found)  # relative, so that a moved folder re-runs nothing


def check_files(results: Path):
    """WorkflowError if something that a former run, or the user, left here is broken or was made for something else."""
    try:
        for path in sorted(results.glob("**/*.nc")):
            check_netcdf(path)
        for path in sorted(results.glob("models/**/*.safetensors")):
            check_architecture(path, config["autoencoder"])
        if D_TRAIN.lower() == "mnist" and not (results / "datasets" / f"{D_TRAIN}.nc").exists():
            check_mnist(Path(config["images"]["root"]))
    except BrokenFileError as error:
        raise WorkflowError(error) from None


if workflow.is_main_process:
    check_files(Path(f"results/{config['experiment']}"))
    if config["kept"]:
        check_files(Path(config["kept"]))


onstart:
    # not earlier: only here is it known whether jobs run on this machine, whose devices count, or elsewhere
    if workflow.local_exec:
        try:
            choose_device(config["device"])
        except ValueError as error:
            raise WorkflowError(error) from None

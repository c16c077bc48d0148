# Shared by all rules: the checked config, the library on the path, the names of things.
import ast
import os
import re
import sys
from functools import cache
from itertools import product
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config, validate

WORKFLOW = Path(str(workflow.current_basedir)).parent
LIBRARY = WORKFLOW / "aespectra"
sys.path.insert(0, str(WORKFLOW))  # reaches every script

from aespectra.config import ConfigError, check_config
from aespectra.devices import choose_device, cuda_present
from aespectra.integrity import BrokenFileError, check_architecture, check_mnist, check_netcdf

SCHEMA = WORKFLOW / "schemas" / "config.schema.yaml"

if not workflow.modifier.is_main_snakefile():
    # A module's configfile: is not read. So that its config too holds only what differs, it is laid over the study's.
    given = dict(config)
    config.update(yaml.safe_load((WORKFLOW.parent / "config" / "config.yaml").read_text()))
    update_config(config, given)

for key in {"latent_dims", "seeds"} & set(config):
    if isinstance(config[key], list):  # --config latent_dims=[2,8] hands the numbers over as text
        config[key] = [int(each) if str(each).isdecimal() else each for each in config[key]]

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
# of a job that can use one: cuda insists, on whatever machine it will run; auto asks this one
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


@cache  # most rules share most modules
def imported(path: Path) -> list[Path]:
    """The modules of the library that this one imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = path.parents[node.level - 1]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            modules = [package / f"{name.replace('.', '/')}.py" for name in names]
            found += [module if module.exists() else package / "__init__.py" for module in modules]
    return found


def library(*modules: str) -> list[str]:
    """These modules of the library and all that they import: as inputs, they re-run what depends on an edited one.

    Left out is logs.py, which cannot change a result.
    """
    found, todo = set(), [LIBRARY / module for module in modules]
    while todo:
        path = todo.pop()
        if path not in found and path.name != "logs.py":
            found.add(path)
            todo += imported(path)
    # relative, so that a moved folder re-runs nothing; local, so that a module's prefix: leaves it alone
    return [local(os.path.relpath(path)) for path in sorted(found)]


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
    for folder in (f"results/{config['experiment']}", config["kept"]):
        if folder:  # in a module it may have a prefix:
            check_files(Path(workflow.modifier.path_modifier.replace_prefix(folder)))


onstart:
    # not earlier: only here is it known whether jobs run on this machine, whose devices count, or elsewhere
    if workflow.local_exec:
        try:
            choose_device(config["device"])
        except ValueError as error:
            raise WorkflowError(error) from None

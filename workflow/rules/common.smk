# Shared by all rules: the checked config, the library on the path, the names of things.
import ast
import os
import re
import shlex
import sys
from functools import cache
from itertools import pairwise, product
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.utils import update_config, validate

WORKFLOW = Path(str(workflow.current_basedir)).parent
LIBRARY = WORKFLOW / "aespectra"
sys.path.insert(0, str(WORKFLOW))  # reaches every script, there after all installed packages

from aespectra.devices import choose_device, cuda_present
from aespectra.integrity import BrokenFileError, check_mnist
from aespectra.slabs.grid import AT_EPOCH, NETWORK, Key, epoch_of
from study.battery import battery
from study.checkout import found_first
from study.config import check_config
from study.families import families
from study.kept import check_elsewhere, check_found, check_made, check_networks, check_summary
from study.leftovers import check_leftovers, check_manifest
from study.schema import ConfigError, check_keys_once, typed
from study.sources import check_sources, made_by, reader, state_of_folder
from study.tracking import modules_behind
from study.verify import lost

found_first(WORKFLOW)
sys.path.append(os.getcwd())  # reaches every script as well: where factories of the user's lie

KINDS = LIBRARY / "models" / "families"
SCHEMA = WORKFLOW / "schemas" / "config.schema.yaml"

if not workflow.modifier.is_main_snakefile():
    # A module's configfile: is not read. So that its config too holds only what differs, it is laid over the study's.
    given = dict(config)
    config.update(yaml.safe_load((WORKFLOW.parent / "config" / "config.yaml").read_text()))
    update_config(config, given)

schema = yaml.safe_load(SCHEMA.read_text())
for key in set(workflow.config_settings.config) & set(config):  # --config latent_dims=[2,8] hands numbers over as text
    config[key] = typed(config[key], schema["properties"].get(key, {}), schema)

try:
    for path in (WORKFLOW.parent / "config" / "config.yaml", *workflow.config_settings.configfiles):
        check_keys_once(Path(path))
    check_config(config, schema, KINDS)
except ConfigError as error:
    raise WorkflowError(error) from None
validate(config, str(SCHEMA))  # fills in the defaults
for key in ("kept", "networks_from"):
    if config.get(key):
        config[key] = os.path.normpath(config[key])  # of "kept/", Snakemake would look for "kept//summary.nc"

FAMILIES = families(config, KINDS)
LATENT_DIMS, SEEDS = config["latent_dims"], config["seeds"]
GRID = [Key(*each) for each in product(FAMILIES, LATENT_DIMS, SEEDS)]
PAIRS = list(product(LATENT_DIMS, SEEDS))
D_TRAIN = config["images"]["name"]
IMAGES = reader(config["images"])
EVALUATION_SETS = {each["name"]: each for each in config["evaluation"]["sets"]}
DATASETS = [f"<results>/datasets/{name}.nc" for name in (D_TRAIN, *EVALUATION_SETS)]
# where they lie: used as a module, the workflow may have a prefix
RESULTS = Path(workflow.modifier.path_modifier.replace_prefix(f"results/{config['experiment']}"))
KEPT = config["kept"] and Path(workflow.modifier.path_modifier.replace_prefix(config["kept"]))
FOUND = config.get("networks_from") and Path(workflow.modifier.path_modifier.replace_prefix(config["networks_from"]))
MODELS = f"{config['kept'] or '<results>'}/models"
SUMMARY = f"{config['kept'] or '<results>'}/summary.nc"
# what files record of their making: how results are shown and judged is no part of it, nor where the images lie, and
# the device they name themselves
STUDY = {key: value for key, value in config.items() if key not in ("claims", "figures", "device")}
STUDY["images"] = {key: value for key, value in config["images"].items() if key != "root"}
GEOMETRY = config["spectra"].get("geometry", False)
# of a job that can use one: cuda insists, on whatever machine it will run; auto asks this one
GPUS = int(config["device"] == "cuda" or (config["device"] == "auto" and cuda_present()))


wildcard_constraints:
    family="|".join(map(re.escape, FAMILIES)),
    latent_dim=r"\d+",
    seed=r"\d+",


def over_grid(pattern: str) -> list[str]:
    """One file for every family, latent dimension and seed, in that order."""
    return [pattern.format(family=family, latent_dim=d, seed=seed) for family, d, seed in GRID]


def of_networks(pattern: str):
    """The same as an input, put together where a job needs it: every job on a cluster reads all rules, and lists of
    thousands of files would take most of that."""
    return lambda wildcards: over_grid(pattern)


def of_target(files):
    """What a target asks for, as its input: put together likewise, but in a module, where other rules may take it."""
    return (lambda wildcards: files()) if workflow.modifier.is_main_snakefile() else files()


def kept_or_made(name: str) -> str:
    """A file of the kept study, if it has one of that name, else of this one."""
    return f"{config['kept']}/{name}" if KEPT and (KEPT / name).exists() else f"<results>/{name}"


def if_made(name: str, by: str) -> list[str]:
    """A file that a page shows where a study has it: kept, there already, or asked for along by its target. Where it is
    not, the page is made without it, and made anew once it is there."""
    there = any((folder / name).exists() for folder in (KEPT, RESULTS) if folder)
    return [kept_or_made(name)] if there or target(by) in ASKED else []


def found_network(pair: tuple[int, int]) -> bool:
    """Whether the folder that networks are taken from has one of the first family, latent dimension and seed."""
    network = NETWORK.format(family=next(iter(FAMILIES)), latent_dim=pair[0], seed=pair[1])
    return bool(FOUND) and all((FOUND / f"{network}{suffix}").is_file() for suffix in (".safetensors", "_loss.csv"))


def growing(amount: int):
    """A resource of which each further attempt of a job asks for as much again (attempts: --retries, or a profile)."""
    return lambda wildcards, attempt: amount * attempt


@cache  # many rules, or jobs of one, share their modules
def library(*modules: str) -> list[str]:
    """These modules of the library and all that they import: as inputs, they re-run what depends on an edited one."""
    found = modules_behind(LIBRARY / module for module in modules)
    # relative, so that a moved folder re-runs nothing; local, so that a module's prefix: leaves it alone
    return [local(os.path.relpath(path)) for path in found]


def own_inputs(entry: dict) -> list[str]:
    """The file that the images of an entry come from, if it is one of the user's own: no module's prefix: is for it."""
    return [local(entry["file"])] if "file" in entry else []


def family_code(wildcards) -> list[str]:
    """The module of the family whose network this is, and the user's own code: editing one re-trains it alone."""
    return code_of(FAMILIES[wildcards.family])


def code_of(family: dict) -> list[str]:
    """The same of a family that is given as FAMILIES has it."""
    return [*library(f"models/families/{family['kind']}.py"), *map(local, family.get("code", []))]


def of_pairs(suffix: str) -> list[str]:
    """One file for every latent dimension and seed of a family."""
    return [f"<results>/models/{NETWORK.format(family='{family}', latent_dim=d, seed=s)}{suffix}" for d, s in TO_TRAIN]


def made_for(wildcards) -> dict:
    """What the checkpoint of these wildcards must say of its making."""
    family = FAMILIES[wildcards.family]
    return {
        "family": family["name"],
        "kind": family["kind"],
        "latent_dim": int(wildcards.latent_dim),
        "seed": int(wildcards.seed),
        "images": D_TRAIN,
        "autoencoder": family["autoencoder"],
    }


def command(*targets: str) -> str:
    """The command line for these targets, with the config of this one."""
    settings = workflow.config_settings
    arguments = ["snakemake", *_said("--workflow-profile", "--profile")]
    if len(arguments) == 1:
        arguments += ["--cores", "all"]
    arguments += _said("--directory", "-d")
    if methods := sorted(
        each.name.lower().replace("_", "-") for each in workflow.deployment_settings.deployment_method
    ):
        arguments += ["--sdm", *methods]
    if settings.configfiles:
        arguments += ["--configfile", *(os.path.relpath(path) for path in settings.configfiles)]
    if settings.config_args:
        arguments += ["--config", *settings.config_args]
    return shlex.join([*arguments, "--", *targets])  # else --configfile and --config would take the targets for theirs


def _said(*flags: str) -> list[str]:
    """These words of the command line, each with what follows it."""
    found = [[word, after] for word, after in pairwise([*sys.argv, ""]) if word in flags]
    return sum(found, [word for word in sys.argv if word.partition("=")[0] in flags and "=" in word])


def target(name: str) -> str:
    """The name of a target; within another workflow it may have a prefix."""
    return workflow.modifier.modify_rulename(name)


def check_files(files: list[Path], drawing: bool) -> None:
    """WorkflowError if something that a former run, or the user, left here is broken or was made for something else."""
    try:
        for key, folder in {"kept": KEPT, "networks_from": FOUND}.items():
            if folder:
                check_elsewhere(key, folder, RESULTS)
        if KEPT:
            check_networks(KEPT, GRID)
            check_leftovers(KEPT, FAMILIES, [KEPT / "summary.nc"])
            check_manifest(KEPT)
            check_made(KEPT / "models", GRID, FAMILIES, D_TRAIN)
            if drawing:
                check_summary(KEPT, config, FAMILIES)
        if FOUND:
            check_found(FOUND, GRID)
            check_made(FOUND, GRID, FAMILIES, D_TRAIN)
        check_leftovers(RESULTS, FAMILIES, files)
        if not (KEPT and drawing):
            check_sources(config)
        _, source = IMAGES
        if source.get("name", "").lower() == "mnist" and not (RESULTS / "datasets" / f"{D_TRAIN}.nc").exists():
            check_mnist(Path(config["images"]["root"]))
    except (BrokenFileError, ConfigError) as error:
        raise WorkflowError(error) from None


# known from the command line alone, where "all" may also be a number of cores: targets are read after the rules
ASKED = {each for before, each in pairwise(sys.argv) if before not in ("--cores", "-c", "--jobs", "-j")}
VERIFYING = target("verify") in ASKED


onstart:
    # not earlier: only here is it known whether jobs run on this machine, whose devices count, or elsewhere
    if workflow.local_exec:
        try:
            choose_device(config["device"])
        except ValueError as error:
            raise WorkflowError(f"config key 'device' is '{config['device']}': {error}") from None
        # Snakemake's own limit, 100 jobs a second, leaves a timer behind for every job that ends, and each of them asks
        # every second which jobs to begin: 28 % of a core after 70 jobs. On one machine its cores are limit enough.
        limiter = workflow.scheduler.job_rate_limiter
        if limiter is not None and (limiter.max_jobs, limiter.timespan) == (100, 1):
            workflow.scheduler.job_rate_limiter = None

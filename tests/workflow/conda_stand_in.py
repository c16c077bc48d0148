"""What Snakemake asks of conda, answered without a download.

    conda env create --file envs/torch.yaml --prefix FOLDER

An environment gets exactly the distributions that its YAML names and what these require, as links into the environment
that runs the tests. So an import that the YAML does not cover fails, and a version that differs from the YAML's is
refused. What this cannot show is whether conda finds these packages for a platform, and it does not look at the
version of python.
"""

import argparse
import importlib.metadata
import json
import sys
import venv
from collections import defaultdict
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPI = {"pytorch": "torch", "matplotlib-base": "matplotlib", "seaborn-base": "seaborn"}
"""Names on PyPI of conda's packages, where they differ."""


def requirements(environment: Path) -> list[Requirement]:
    """What a conda environment's YAML names beside python, under the names and in the terms of PyPI."""
    pins = [line.split("=") for line in yaml.safe_load(environment.read_text())["dependencies"]]
    return [Requirement(f"{PYPI.get(name, name)}=={version}.*") for name, version in pins if name != "python"]


def closure(wanted: list[Requirement]) -> list[importlib.metadata.Distribution]:
    """The installed distributions that are wanted and all that they require; ValueError if a version does not fit."""
    found, seen, todo = {}, set(), list(wanted)
    while todo:
        requirement = todo.pop()
        distribution = importlib.metadata.distribution(requirement.name)
        if not requirement.specifier.contains(distribution.version, prereleases=True):
            raise ValueError(f"{requirement} is asked for, {distribution.version} is installed here")
        name = canonicalize_name(requirement.name)
        found[name] = distribution
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                needed = map(Requirement, distribution.requires or [])
                todo += [each for each in needed if each.marker is None or each.marker.evaluate({"extra": extra})]
    return list(found.values())


def create(prefix: Path, wanted: list[Requirement]) -> None:
    """A virtual environment with these distributions alone."""
    distributions = closure(wanted)
    owners = defaultdict(set)  # of every file and folder: the distributions with something in it
    for number, distribution in enumerate(importlib.metadata.distributions()):
        for file in distribution.files or []:
            for path in (file, *file.parents):
                owners[path].add(number)
    venv.create(prefix, symlinks=True)
    (site_packages,) = prefix.glob("lib/python*/site-packages")
    for distribution in distributions:
        inside = (
            file for file in distribution.files if ".." not in file.parts
        )  # outside are programs, not called here
        # the topmost folder that is this distribution's alone, or the file itself
        own = {next(path for path in (*reversed(file.parents), file) if len(owners[path]) == 1) for file in inside}
        for path in own:
            (site_packages / path).parent.mkdir(parents=True, exist_ok=True)
            (site_packages / path).symlink_to(distribution.locate_file(path))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--prefix", type=Path)
    arguments.add_argument("--file", type=Path)
    known, rest = arguments.parse_known_args()
    match [word for word in rest if word not in ("--quiet", "--no-default-packages")]:
        case ["--version"]:
            print("conda 24.7.1")
        case ["info", "--json"]:
            print(json.dumps({"conda_prefix": str(Path(__file__).parents[1]), "platform": "stand-in"}))
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create"]:
            create(known.prefix, requirements(known.file))
        case ["clean", "-y", "--tarballs"] | ["config", "--set", "channel_priority", "strict"]:
            pass
        case other:
            sys.exit(f"The stand-in for conda does not know: {other}")


if __name__ == "__main__":
    main()

"""What of a study is done, out of date and missing: python workflow/status.py --configfile my.yaml

Arguments are Snakemake's. It is asked for its summary, so this changes nothing and may run beside the study itself.
"""

import csv
import subprocess
import sys
from pathlib import PurePath

STAGES = (
    "training_images",
    "test_images",
    "datasets",
    "models",
    "latents",
    "spectra",
    "cube",
    "statistics",
    "summary",
    "claims",
    "claims_by_d",
    "figures",
    "provenance",
    "gaussianity",
    "labels",
    "classifier",
    "image_features",
    "samples",
    "priors",
)
"""What lies in results/<experiment>/, less what follows a dot, in the order in which it is made."""

STATES = ("done", "out of date", "missing")

SHOWN = 12
"""Names of missing results in a line."""


def main(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "snakemake", "--summary", *arguments]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:
        sys.exit(asked.stderr)
    print(f"{'':18}{'done':>10}{'out of date':>14}   missing")
    for stage, results in states(asked.stdout).items():
        done, out_of_date, missing = ([name for name, found in results.items() if found == state] for state in STATES)
        names = " ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else "")
        line = f"{stage:18}{f'{len(done)} of {len(results)}':>10}{len(out_of_date) or '':>14}   {names}"
        print(line.rstrip())


def states(summary: str) -> dict[str, dict[str, str]]:
    """State of every result by its stage and its name; files of one name, such as figure_1's, are one result."""
    stages = {stage: {} for stage in STAGES}
    for row in csv.DictReader(summary.splitlines(), delimiter="\t"):
        path = PurePath(row["output_file"])
        folder, *below = path.with_suffix("").parts[2:]
        results = stages.setdefault(folder.partition(".")[0], {})
        name = "/".join(below or [folder]).removesuffix("_loss")  # a network and its loss curve
        pending = row["plan"] == "update pending"
        state = "missing" if row["status"] == "missing" else "out of date" if pending else "done"
        results[name] = max(state, results.get(name, state), key=STATES.index)
    return {stage: _shortened(results) for stage, results in stages.items() if results}


def _shortened(results: dict[str, str]) -> dict[str, str]:
    """The same without their folder, if that is one."""
    one = len({name.rpartition("/")[0] for name in results}) == 1
    return {name.rpartition("/")[2] if one else name: state for name, state in results.items()}


if __name__ == "__main__":
    main(sys.argv[1:])

"""Peak memory of the spectra stage at 7,000 and at 70,000 points a set: it must not grow with the samples.

Each size runs in a process of its own on the paper's eleven sets with an untrained network of latent dimension 2.
Run by ``make bench``.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "workflow"))


def spectra_job(folder: Path, samples: int) -> None:
    """Everything a spectra job does, on sets that exist."""
    import torch
    from aespectra.autoencoder import Autoencoder, save_checkpoint
    from aespectra.spectra import write_slab

    torch.set_num_threads(1)
    architecture = {"hidden": [128, 64, 32], "activation": "ReLU", "output_activation": "Tanh"}
    made_by = {"family": "autoencoder", "latent_dim": 2, "seed": 0, "pixels": 784, "autoencoder": architecture}
    save_checkpoint(folder / "model.safetensors", Autoencoder(784, 2, **architecture), made_by, "cpu")
    datasets = sorted(folder.glob("*.nc"))
    write_slab(folder / "slab", folder / "model.safetensors", datasets, samples, {"precision": "float64"})
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def main() -> None:
    from aespectra.datasets import noise_blocks, write_dataset

    sets = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["evaluation"]["sets"]
    print("| points a set | sets | peak memory, GiB |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for spec in [*sets, sets[0] | {"name": "one-more"}]:
            write_dataset(folder / f"{spec['name']}.nc", spec["name"], noise_blocks(spec, 0, 784, 70_000), spec)
        for samples in (7_000, 70_000):
            command = [sys.executable, __file__, str(folder), str(samples)]
            peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
            print(f"| {samples:,} | {len(sets) + 1} | {float(peak):.2f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        spectra_job(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main()

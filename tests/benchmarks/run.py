"""All benchmarks in one run: tables on the terminal and as csv, and a figure, in results/benchmarks/."""

import csv
import platform

import cube
import epochs
import families
import matplotlib
import memory
import modules
import precision
import publication
import routes
import solver
import step
import storage
import study
import torch
import uses
import verifying
from timing import ROOT, table

from tests.browser import CHROMIUM

matplotlib.use("pdf")
import matplotlib.pyplot as plt

TABLES = {
    "solver": ("Eigenvalues of n random matrices, one core", solver.compare),
    "routes": ("Both spectra of a point, one core", routes.compare),
    "perceptrons": ("Both Jacobians of perceptrons by their layers, d = 10, float64, one core", modules.perceptrons),
    "convolutions": ("Both Jacobians of networks of images, d = 10, float64, one core", modules.of_images),
    "geometry": ("Spectra with and without geometry, d = 10, float64, one core", modules.with_geometry),
    "scores": ("Outlier scores beside the spectra that they need, float64, one core", uses.scores),
    "iterations": ("f_enc ∘ f_dec over and over beside its matrix products, float64, one core", uses.iterations),
    "precision": ("Spectra in float32 against float64, shares of points", precision.compare),
    "batches": ("Jacobians by the size of a batch, d = 10, float64, one core", routes.over_batches),
    "training": ("Training, d = 10, batch 128, one core", epochs.compare),
    "step": ("A step of training beside its matrix products, d = 10, batch 128, one core", step.compare),
    "families": ("Training, families, d = 8, batch 128, one core", families.compare),
    "storage": ("Slabs by filter, d = 10", storage.compare),
    "cube": ("The virtual cube by the number of its networks, 256 files open at most", cube.compare),
    "verify": ("Verify beside plain reading of the same files", verifying.compare),
    "publication": ("A slab put on disk before it is renamed, one core", publication.compare),
    "study": ("The paper's 58.5 million spectra on two cores", study.extrapolate),
    "samples": ("Spectra job, d = 2, eleven sets, by samples", memory.compare),
}
if CHROMIUM is not None:
    import explorer

    TABLES["explorer"] = ("The kept explorer of the study in a headless browser", explorer.compare)
if torch.cuda.is_available():
    import gpu

    TABLES |= {
        "gpu_solver": ("Eigenvalues of 65,536 random matrices on the GPU", gpu.solver),
        "gpu_study": ("The paper's 58.5 million spectra on the GPU", gpu.study),
        "gpu_training": ("The paper's 38 networks on the GPU", gpu.training),
    }


def main() -> None:
    torch.set_num_threads(1)
    folder = ROOT / "results" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    print(
        f"{platform.machine()}, torch {torch.__version__}, {torch.__config__.parallel_info().splitlines()[-1].strip()}"
    )
    for name, (title, measure) in TABLES.items():
        rows = measure()
        print(f"\n{title}\n\n{table(rows)}", flush=True)
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        if name == "routes":
            draw(rows, folder / "routes")


def draw(rows: list[dict], path) -> None:
    """Microseconds a point of every route against d, a panel for each precision."""
    plt.style.use("tableau-colorblind10")
    figure, panels = plt.subplots(1, 2, figsize=(7, 3.6), sharey=True, layout="constrained")
    for panel, dtype in zip(panels, ("float32", "float64"), strict=True):
        mine = [row for row in rows if row["precision"] == dtype]
        for (name, label), marker in zip(
            {
                "ours": "this workflow",
                "(c)": "(c) vmap, d × d, LAPACK",
                "(b)": "(b) 784 × 784 product",
                "(a)": "(a) vmap(jacrev), 784 × 784",
            }.items(),
            "os^D",
            strict=True,
        ):
            panel.plot([row["d"] for row in mine], [row[f"{name}, µs"] for row in mine], marker=marker, label=label)
        panel.set(yscale="log", xlabel="latent dimension d", title=dtype, xticks=[row["d"] for row in mine])
    panels[0].set_ylabel("µs a point, one core")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    for suffix in ("pdf", "png"):
        figure.savefig(path.with_suffix(f".{suffix}"), dpi=200)


if __name__ == "__main__":
    main()

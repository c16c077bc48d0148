# All files of a study: the default target makes again what is gone of them, `verify` rereads them.


def of_study() -> list[str]:
    """Of the default target."""
    return [
        "<results>/training_images.nc",
        "<results>/test_images.nc",
        *DATASETS,
        *([] if config["kept"] else over_grid(f"{MODELS}/{NETWORK}.safetensors")),
        *([] if config["kept"] else over_grid(f"{MODELS}/{NETWORK}_loss.csv")),
        *over_grid(f"<results>/spectra/{NETWORK}.nc"),
        "<results>/cube.nc",
        *(f"<results>/statistics/{family}/d{latent_dim}.nc" for family, latent_dim in product(FAMILIES, LATENT_DIMS)),
        "<results>/summary.nc",
        "<results>/claims.csv",
        "<results>/claims_by_d.csv",
        "<results>/claims.html",
        *figure_files(),
        "<results>/provenance.html",
    ]


# what other targets make, if they are asked for
BESIDE = {
    "latents": lambda: over_grid(f"<results>/latents/{NETWORK}.nc"),
    "standalone_cube": lambda: ["<results>/cube-standalone.nc"],
    "gaussianity": lambda: [*over_grid(AGREEMENT), *OF_PRIORS, "<results>/gaussianity.csv"],
    "samples": lambda: [
        "<results>/labels.nc",
        "<results>/classifier.safetensors",
        "<results>/image_features.nc",
        *over_grid(f"<results>/samples/{NETWORK}.nc"),
        "<results>/samples.nc",
    ],
    "priors": lambda: ["<results>/priors.csv", "<results>/priors.html", *PRIOR_FILES],
    "detection": lambda: [
        *over_grid(f"<results>/detection/{NETWORK}.csv"),
        "<results>/detection.csv",
        "<results>/detection.html",
        *DETECTION_FILES,
    ],
    "attractors": lambda: [
        *over_grid(f"<results>/attractors/{NETWORK}.nc"),
        "<results>/attractors.csv",
        *attractor_figures(),
    ],
    "manifest": lambda: ["<results>/manifest.json"],
}


def made_by_targets() -> dict[str, list[str]]:
    """Every file by the target that makes it, as it lies on disk."""
    return {
        target(name): [path.replace("<results>", str(RESULTS)) for path in files()]
        for name, files in ({"all": of_study} | BESIDE).items()
    }


rule verify:
    """Reread the whole study, networks to figures: names what is broken and the command that mends it."""
    log:
        "<logs>/verify.log",
    localrule: True  # reads, and nothing else
    conda:
        "../../envs/analysis.yaml"
    params:
        study=str(RESULTS),
        files=lambda wildcards: made_by_targets(),
        kept=[str(KEPT)] if KEPT else [],
        command=command(),
    message:
        "Rereading the study"
    script:
        "../scripts/verify.py"


# from a kept study: targets that are drawn from its summary, among them the default
COMPUTED = {"cube", "summary", *BESIDE}
DRAWN = {"all", "claims", "manifest", "provenance", *FIGURES}
DRAWING = not COMPUTED & set(sys.argv) or DRAWN & set(sys.argv)

if workflow.is_main_process and not VERIFYING:  # which looks at all of them, and goes on
    MADE_BY = {name: list(map(Path, files)) for name, files in made_by_targets().items()}
    check_files([path for files in MADE_BY.values() for path in files], bool(DRAWING))
    for name, files in MADE_BY.items():
        if gone := lost(files, RESULTS):
            logger.warning(
                f"{gone[0]} was made and is missing"
                + (f", and {len(gone) - 1} more. " if len(gone) > 1 else ". ")
                + f"To make again what is missing and what depends on it: {command(name)}"
            )

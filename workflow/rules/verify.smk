# All files of a study: the default target makes again what is gone of them, `verify` rereads them.

OF_STUDY = [
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
    "latents": over_grid(f"<results>/latents/{NETWORK}.nc"),
    "standalone_cube": ["<results>/cube-standalone.nc"],
    "gaussianity": [*over_grid(AGREEMENT), *OF_PRIORS, "<results>/gaussianity.csv"],
    "samples": [
        "<results>/labels.nc",
        "<results>/classifier.safetensors",
        "<results>/image_features.nc",
        *over_grid(f"<results>/samples/{NETWORK}.nc"),
        "<results>/samples.nc",
    ],
    "priors": ["<results>/priors.csv", "<results>/priors.html", *PRIOR_FILES],
    "detection": [
        *over_grid(f"<results>/detection/{NETWORK}.csv"),
        "<results>/detection.csv",
        "<results>/detection.html",
        *DETECTION_FILES,
    ],
    "attractors": [
        *over_grid(f"<results>/attractors/{NETWORK}.nc"),
        "<results>/attractors.csv",
        *ATTRACTOR_FIGURES,
    ],
    "manifest": ["<results>/manifest.json"],
}


MADE_BY = {
    target(name): [Path(path.replace("<results>", str(RESULTS))) for path in files]
    for name, files in ({"all": OF_STUDY} | BESIDE).items()
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
        files={name: list(map(str, files)) for name, files in MADE_BY.items()},
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
    check_files([path for files in MADE_BY.values() for path in files], bool(DRAWING))
    for name, files in MADE_BY.items():
        if gone := lost(files, RESULTS):
            logger.warning(
                f"{gone[0]} was made and is missing"
                + (f", and {len(gone) - 1} more. " if len(gone) > 1 else ". ")
                + f"To make again what is missing and what depends on it: {command(name)}"
            )

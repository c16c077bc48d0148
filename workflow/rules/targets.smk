# All files of a study by the target that makes them: the default makes again what is gone, `verify` rereads them.


def attractor_figures() -> list[str]:
    """Of every network, in every format."""
    return [file for suffix in FORMATS for file in over_grid(f"<results>/figures/attractors/{NETWORK}.{suffix}")]


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
        *COURSE_FILES,
        "<results>/provenance.html",
    ]


# what other targets make, if they are asked for
BESIDE = {
    "statistics_table": lambda: ["<results>/statistics.csv"],
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
    "reconstructions": lambda: [
        "<results>/labels.nc",
        "<results>/classifier.safetensors",
        "<results>/image_features.nc",
        *over_grid(f"<results>/reconstructions/{NETWORK}.nc"),
        "<results>/reconstructions.nc",
        "<results>/reconstruction_claims.csv",
        "<results>/reconstruction_claims_by_d.csv",
        "<results>/reconstruction_claims.html",
    ],
    "explorer": lambda: ["<results>/explorer.html", "<results>/explorer-small.html"],
    "seeds": lambda: ["<results>/seeds.csv", "<results>/seeds.html", *SEEDS_FILES],
    "manifest": lambda: ["<results>/manifest.json"],
}


# what of it others need who get a study without its spectra
TOLD_BESIDE = {
    "statistics_table": BESIDE["statistics_table"],
    "gaussianity": lambda: ["<results>/gaussianity.csv"],
    "samples": lambda: ["<results>/samples.nc"],
    "priors": lambda: [
        *([] if config["kept"] else ["<results>/gaussianity.csv", "<results>/samples.nc"]),
        "<results>/priors.csv",
        *PRIOR_FILES,
    ],
    "detection": lambda: ["<results>/detection.csv", *DETECTION_FILES],
    "attractors": BESIDE["attractors"],
    "reconstructions": lambda: [
        "<results>/reconstructions.nc",
        "<results>/reconstruction_claims.csv",
        "<results>/reconstruction_claims_by_d.csv",
    ],
    "seeds": lambda: ["<results>/seeds.csv", *SEEDS_FILES],
}


def of_manifest() -> list[str]:
    """What a manifest names; from kept networks what other targets made, as figures show what was kept."""
    files = []
    if not config["kept"]:
        files += [
            "<results>/summary.nc",
            "<results>/claims.csv",
            "<results>/claims_by_d.csv",
            *figure_files(),
            *COURSE_FILES,
        ]
        files += over_grid(f"{MODELS}/{NETWORK}.safetensors") + over_grid(f"{MODELS}/{NETWORK}_loss.csv")
    for name, more in TOLD_BESIDE.items():
        there = all(Path(path.replace("<results>", str(RESULTS))).exists() for path in more())
        files += more() if there or target(name) in ASKED else []
    return list(dict.fromkeys(files))


def made_by_targets() -> dict[str, list[str]]:
    """Every file by the target that makes it, as it lies on disk."""
    return {
        target(name): [path.replace("<results>", str(RESULTS)) for path in files()]
        for name, files in ({"all": of_study} | BESIDE).items()
    }

# What a network does at its points: eigenvalues of both Jacobians, one slab each, and the cube over all; latents.


rule spectra:
    input:
        checkpoint=f"{MODELS}/{NETWORK}.safetensors",
        datasets=DATASETS,
        family=family_code,
        code=library("slabs/compute.py"),
    output:
        f"<results>/spectra/{NETWORK}.nc",
    log:
        f"<logs>/spectra/{NETWORK}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        made_for=made_for,
        spectra=config["spectra"],
        samples=config["evaluation"]["samples"],
    message:
        "Spectra of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/spectra.py"


rule cube:
    """All spectra as one netCDF file of some kilobytes, which reads from one file a network."""
    input:
        slabs=of_networks(f"<results>/spectra/{NETWORK}.nc"),
        code=library("slabs/cube.py"),
    output:
        "<results>/cube.nc",
    log:
        "<logs>/cube.log",
    localrule: True  # some kilobytes
    conda:
        "../../envs/analysis.yaml"
    params:
        config=STUDY,
    message:
        "The cube over all slabs"
    script:
        "../scripts/cube.py"


rule standalone_cube:
    """The same values in one file that needs no other."""
    input:
        slabs=of_networks(f"<results>/spectra/{NETWORK}.nc"),
        code=library("slabs/cube.py"),
    output:
        "<results>/cube-standalone.nc",
    log:
        "<logs>/standalone_cube.log",
    conda:
        "../../envs/analysis.yaml"
    params:
        config=STUDY,
    message:
        "The self-contained cube"
    script:
        "../scripts/standalone_cube.py"


rule encode:
    input:
        checkpoint=f"{MODELS}/{NETWORK}.safetensors",
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        family=family_code,
        code=library("slabs/latents.py"),
    output:
        f"<results>/latents/{NETWORK}.nc",
    log:
        f"<logs>/latents/{NETWORK}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        made_for=made_for,
        precision=config["spectra"]["precision"],
    message:
        "Latents of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/latents.py"


rule latents:
    """Where every network puts the images it learned from and those held out: one netCDF file a network."""
    input:
        of_target(lambda: over_grid(f"<results>/latents/{NETWORK}.nc")),

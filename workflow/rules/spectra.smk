# The eigenvalues of both Jacobians at every point: one slab an autoencoder, and the cube over all of them.


rule spectra:
    input:
        checkpoint=f"{MODELS}/{{family}}/d{{latent_dim}}_seed{{seed}}.safetensors",
        datasets=DATASETS,
        code=library("spectra.py"),
    output:
        "<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc",
    log:
        "<logs>/spectra/{family}/d{latent_dim}_seed{seed}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        spectra=config["spectra"],
        samples=config["evaluation"]["samples"],
    message:
        "Spectra of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/spectra.py"


rule cube:
    input:
        slabs=over_grid("<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc"),
        code=library("cube.py"),
    output:
        "<results>/cube.nc",
    log:
        "<logs>/cube.log",
    localrule: True  # some kilobytes
    conda:
        "../../envs/analysis.yaml"
    message:
        "The cube over all slabs"
    script:
        "../scripts/cube.py"


rule standalone_cube:
    input:
        slabs=over_grid("<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc"),
        code=library("cube.py"),
    output:
        "<results>/cube-standalone.nc",
    log:
        "<logs>/standalone_cube.log",
    conda:
        "../../envs/analysis.yaml"
    message:
        "The self-contained cube"
    script:
        "../scripts/standalone_cube.py"

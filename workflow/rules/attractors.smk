# Where networks take points, in and out of distribution, when they are applied over and over.


rule attractors_of_network:
    input:
        checkpoint=f"{MODELS}/{NETWORK}.safetensors",
        datasets=DATASETS,
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        family=family_code,
        code=library("summary/attractors.py"),
    output:
        f"<results>/attractors/{NETWORK}.nc",
    log:
        f"<logs>/attractors/{NETWORK}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        made_for=made_for,
    message:
        "Attractors of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/attractors.py"


rule attractors_table:
    input:
        parts=of_networks(f"<results>/attractors/{NETWORK}.nc"),
        code=library("summary/attractor_tables.py"),
    output:
        "<results>/attractors.csv",
    log:
        "<logs>/attractors.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/analysis.yaml"
    message:
        "Attractors of all networks"
    script:
        "../scripts/attractors_of_study.py"


rule attractors_figure:
    input:
        attractors=lambda wildcards: kept_or_made(f"attractors/{NETWORK}.nc".format(**wildcards)),
        code=library("figures/attractors.py", "summary/attractor_tables.py"),
    output:
        report(
            f"<results>/figures/attractors/{NETWORK}.{REPORTED}",
            caption="../report/attractors.rst",
            category="Attractors",
            labels={"family": "{family}", "d": "{latent_dim}", "seed": "{seed}"},
        ),
        [f"<results>/figures/attractors/{NETWORK}.{suffix}" for suffix in FORMATS if suffix != REPORTED],
    log:
        f"<logs>/figures/attractors/{NETWORK}.log",
    localrule: True  # seconds, from a small file
    conda:
        "../../envs/analysis.yaml"
    params:
        style=STYLE,
    message:
        "Drawing attractors of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/attractors_figure.py"


rule attractors:
    """Where points end when networks are applied to them over and over: a table, and a figure of every network."""
    input:
        "<results>/attractors.csv",
        of_target(attractor_figures),

# Points out of distribution told from images held out of the training, by what is usual at training images.

DETECTION_FILES = [
    f"<results>/figures/{FOLDER}detection.{suffix}".format(family=family) for family in FAMILIES for suffix in FORMATS
]


rule detection_of_network:
    input:
        slab=f"<results>/spectra/{NETWORK}.nc",
        checkpoint=f"{MODELS}/{NETWORK}.safetensors",
        datasets=DATASETS,
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        family=family_code,
        code=library("summary/detection.py"),
    output:
        f"<results>/detection/{NETWORK}.csv",
    log:
        f"<logs>/detection/{NETWORK}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        made_for=made_for,
        battery=battery(EVALUATION_SETS, D_TRAIN),
    message:
        "Detection by {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/detection.py"


rule detection_table:
    input:
        parts=of_networks(f"<results>/detection/{NETWORK}.csv"),
        code=library("report/detection.py"),
    output:
        table="<results>/detection.csv",
        page=report(
            "<results>/detection.html",
            caption="../report/detection.rst",
            category="Detection",
            labels={"name": "Mean and worst over the sets"},
        ),
    log:
        "<logs>/detection.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/analysis.yaml"
    message:
        "Detection by all networks"
    script:
        "../scripts/detection_of_study.py"


rule detection_figure:
    input:
        table=kept_or_made("detection.csv"),
        code=library("figures/detection.py"),
    output:
        report(
            f"<results>/figures/{FOLDER}detection.{REPORTED}",
            caption="../report/detection.rst",
            category="Detection",
            labels={"name": "By score, set and d"} | ({"family": "{family}"} if OTHER_FAMILIES else {}),
        ),
        [f"<results>/figures/{FOLDER}detection.{suffix}" for suffix in FORMATS if suffix != REPORTED],
    log:
        f"<logs>/figures/{FOLDER}detection.log",
    localrule: True  # seconds, from a small file
    conda:
        "../../envs/analysis.yaml"
    params:
        family=family_of,
        title="{family}" if OTHER_FAMILIES else "",
        style=STYLE,
    message:
        "Drawing detection"
    script:
        "../scripts/detection_figure.py"


rule detection:
    """Which points out of distribution stand out, by reconstruction, latent and spectra: table, page and figure."""
    input:
        kept_or_made("detection.csv"),
        DETECTION_FILES,

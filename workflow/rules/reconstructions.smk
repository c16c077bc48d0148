# What reconstructions show, by a classifier of the images, and what the paper's theorems say: claims 19 to 26.


rule reconstructions_of_network:
    input:
        checkpoint=f"{MODELS}/{NETWORK}.safetensors",
        datasets=DATASETS,
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        weights="<results>/classifier.safetensors",
        family=family_code,
        code=library("summary/reconstructions.py"),
    output:
        f"<results>/reconstructions/{NETWORK}.nc",
    log:
        f"<logs>/reconstructions/{NETWORK}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        made_for=made_for,
    message:
        "Reconstructions of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/reconstructions.py"


rule reconstructions_of_study:
    input:
        parts=of_networks(f"<results>/reconstructions/{NETWORK}.nc"),
        code=library("summary/reconstructions_of_study.py"),
    output:
        "<results>/reconstructions.nc",
    log:
        "<logs>/reconstructions.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/priors.yaml"
    params:
        config=STUDY,
    message:
        "The reconstructions of all networks"
    script:
        "../scripts/reconstructions_of_study.py"


rule reconstructions:
    """Claims 19 to 26: what reconstructions show, and the paper's theorems, measured and judged."""
    input:
        reconstructions="<results>/reconstructions.nc",
        code=library("claims/reconstructions.py", "claims/judge.py", "report/claims.py"),
    output:
        table="<results>/reconstruction_claims.csv",
        by_d="<results>/reconstruction_claims_by_d.csv",
        page=report(
            "<results>/reconstruction_claims.html",
            caption="../report/reconstruction_claims.rst",
            category="Claims",
            labels={"name": "Claims 19 to 26"},
        ),
    log:
        "<logs>/reconstruction_claims.log",
    localrule: True  # seconds, from a small file
    conda:
        "../../envs/analysis.yaml"
    params:
        terms=config["claims"],
    message:
        "The paper's claims on reconstructions, and its theorems"
    script:
        "../scripts/reconstruction_claims.py"

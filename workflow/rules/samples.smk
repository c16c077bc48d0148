# What decoders make of latents that no image gave, scored in the features of a classifier trained on the same images.


rule labels:
    input:
        images="<results>/training_images.nc",  # whose download it shares
        own=lambda wildcards: own_inputs(config["images"]),
        code=library(f"data/{IMAGES[0]}.py", "data/labels.py"),
    output:
        "<results>/labels.nc",
    log:
        "<logs>/labels.log",
    localrule: True  # may download, which compute nodes often cannot
    conda:
        "../../envs/torch.yaml"
    params:
        name=D_TRAIN,
        module=IMAGES[0],
        source=IMAGES[1],
        folder=lambda wildcards: state_of_folder(config["images"].get("folder")),
    message:
        "Reading the classes of {params.name}"
    script:
        "../scripts/labels.py"


rule image_features:
    input:
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        labels="<results>/labels.nc",
        code=library("summary/image_features.py"),
    output:
        weights="<results>/classifier.safetensors",
        features="<results>/image_features.nc",
    log:
        "<logs>/image_features.log",
    conda:
        "../../envs/priors.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(3000),
        runtime=growing(60),
    message:
        "Training a classifier of {input.training}"
    script:
        "../scripts/image_features.py"


rule samples_of_network:
    input:
        checkpoint=f"{MODELS}/{NETWORK}.safetensors",
        latents=f"<results>/latents/{NETWORK}.nc",
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        weights="<results>/classifier.safetensors",
        features="<results>/image_features.nc",
        family=family_code,
        code=library("summary/samples.py"),
    output:
        f"<results>/samples/{NETWORK}.nc",
    log:
        f"<logs>/samples/{NETWORK}.log",
    conda:
        "../../envs/priors.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        made_for=made_for,
        prior=lambda wildcards: PRIOR_OF[wildcards.family],
    message:
        "Samples of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/samples.py"


rule samples:
    """Decoded samples of every network: scores, and images beside their nearest, in one file."""
    input:
        parts=of_networks(f"<results>/samples/{NETWORK}.nc"),
        latents=of_networks(f"<results>/latents/{NETWORK}.nc"),
        features="<results>/image_features.nc",
        labels="<results>/labels.nc",
        code=library("summary/samples_of_study.py"),
    output:
        "<results>/samples.nc",
    log:
        "<logs>/samples.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/priors.yaml"
    params:
        config=STUDY,
    message:
        "The samples of all networks"
    script:
        "../scripts/samples_of_study.py"

# Pixels: the training images and the sets at whose points the Jacobians are taken.


rule images:
    """Read, or download, the images that the networks learn from."""
    input:
        code=library("data/images.py", "data/pixels.py"),
    output:
        training="<results>/training_images.nc",
        test="<results>/test_images.nc",
        evaluation=f"<results>/datasets/{D_TRAIN}.nc",
    log:
        "<logs>/images.log",
    localrule: True  # may download, which compute nodes often cannot
    conda:
        "../../envs/torch.yaml"
    resources:
        latent_dim=max(LATENT_DIMS),  # no parameter: one more latent dimension would read the images again
    params:
        name=D_TRAIN,
        root=config["images"]["root"],
        samples=config["evaluation"]["samples"],
    message:
        "Reading {params.name}"
    script:
        "../scripts/images.py"


rule image_set:
    input:
        training="<results>/training_images.nc",
        code=library("data/images.py", "data/pixels.py"),
    output:
        "<results>/datasets/{dataset}.nc",
    log:
        "<logs>/datasets/{dataset}.log",
    wildcard_constraints:
        dataset="|".join(re.escape(name) for name, each in EVALUATION_SETS.items() if "torchvision" in each) or "(?!)",
    localrule: True  # may download, which compute nodes often cannot
    conda:
        "../../envs/torch.yaml"
    params:
        spec=lambda wildcards: EVALUATION_SETS[wildcards.dataset],
        root=config["images"]["root"],
        samples=config["evaluation"]["samples"],
    message:
        "Reading {wildcards.dataset}"
    script:
        "../scripts/image_set.py"


rule noise:
    input:
        training="<results>/training_images.nc",
        code=library("data/noise.py", "data/pixels.py"),
    output:
        "<results>/datasets/{dataset}.nc",
    log:
        "<logs>/datasets/{dataset}.log",
    wildcard_constraints:
        dataset="|".join(re.escape(name) for name, each in EVALUATION_SETS.items() if "distribution" in each) or "(?!)",
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: EVALUATION_SETS[wildcards.dataset],
        seed=config["evaluation"]["seed"],
        samples=config["evaluation"]["samples"],
    message:
        "Drawing {wildcards.dataset}"
    script:
        "../scripts/noise.py"

# Pixels: the training images and the sets at whose points the Jacobians are taken.
#
# The images of a folder are no inputs, as there may be many: a parameter says their state, and no script reads it.


rule images:
    """Read, or download, the images that the networks learn from."""
    input:
        own=lambda wildcards: own_inputs(config["images"]),
        code=library(f"data/{IMAGES[0]}.py", "data/pixels.py"),
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
        module=IMAGES[0],
        source=IMAGES[1],
        made_by=made_by(config["images"]),
        folder=lambda wildcards: state_of_folder(config["images"].get("folder")),
        samples=config["evaluation"]["samples"],
    message:
        "Reading {params.name}"
    script:
        "../scripts/images.py"


rule image_set:
    input:
        training="<results>/training_images.nc",
        own=lambda wildcards: own_inputs(EVALUATION_SETS[wildcards.dataset]),
        code=lambda wildcards: library(f"data/{read_by(wildcards)[0]}.py", "data/pixels.py"),
    output:
        "<results>/datasets/{dataset}.nc",
    log:
        "<logs>/datasets/{dataset}.log",
    wildcard_constraints:
        dataset=sets_with("torchvision", "folder", "file"),
    priority: 1  # before a network is trained: it may find broken files
    localrule: True  # may download, which compute nodes often cannot
    conda:
        "../../envs/torch.yaml"
    params:
        spec=lambda wildcards: EVALUATION_SETS[wildcards.dataset],
        module=lambda wildcards: read_by(wildcards)[0],
        source=lambda wildcards: read_by(wildcards)[1],
        folder=lambda wildcards: state_of_folder(EVALUATION_SETS[wildcards.dataset].get("folder")),
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
        dataset=sets_with("distribution"),
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


rule corruption:
    input:
        points=lambda wildcards: f"<results>/datasets/{EVALUATION_SETS[wildcards.dataset]['of']}.nc",
        code=library("data/corruptions.py"),
    output:
        "<results>/datasets/{dataset}.nc",
    log:
        "<logs>/datasets/{dataset}.log",
    wildcard_constraints:
        dataset=sets_with("corruption"),
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: EVALUATION_SETS[wildcards.dataset],
        seed=config["evaluation"]["seed"],
    message:
        "Corrupting {input.points}"
    script:
        "../scripts/corruption.py"


rule held_out:
    input:
        images="<results>/test_images.nc",
        code=library("data/images.py", "data/pixels.py"),
    output:
        "<results>/datasets/{dataset}.nc",
    log:
        "<logs>/datasets/{dataset}.log",
    wildcard_constraints:
        dataset=sets_with("held_out"),
    priority: 1  # before a network is trained: there may be too few
    conda:
        "../../envs/torch.yaml"
    params:
        spec=lambda wildcards: EVALUATION_SETS[wildcards.dataset],
        samples=config["evaluation"]["samples"],
    message:
        "Images held out: {wildcards.dataset}"
    script:
        "../scripts/held_out.py"


rule glyphs:
    input:
        training="<results>/training_images.nc",
        code=library("data/glyphs.py", "data/pixels.py"),
    output:
        "<results>/datasets/{dataset}.nc",
    log:
        "<logs>/datasets/{dataset}.log",
    wildcard_constraints:
        dataset=sets_with("glyphs"),
    conda:
        "../../envs/analysis.yaml"
    params:
        spec=lambda wildcards: EVALUATION_SETS[wildcards.dataset],
        module="glyphs",
        source={},
        samples=config["evaluation"]["samples"],
    message:
        "Drawing {wildcards.dataset}"
    script:
        "../scripts/image_set.py"

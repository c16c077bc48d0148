# One network for every family, latent dimension and seed: a job each, or one job a family.


if config["train_together"]:

    rule train_together:
        input:
            images="<results>/training_images.nc",
            family=family_code,
            code=library("models/train_together.py", "models/checkpoint.py", "data/pixels.py"),
        output:
            checkpoints=of_pairs(".safetensors"),
            losses=of_pairs("_loss.csv"),
        log:
            "<logs>/train/{family}.log",
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            gpu=GPUS,
            mem_mb=growing(4000),
            runtime=growing(240),
        params:
            family=lambda wildcards: FAMILIES[wildcards.family],
            pairs=PAIRS,
            together=True,
            device=config["device"],
        message:
            "Training {wildcards.family}, all latent dimensions and seeds"
        script:
            "../scripts/train.py"

else:

    rule train:
        input:
            images="<results>/training_images.nc",
            family=family_code,
            code=library("models/train.py", "models/checkpoint.py", "data/pixels.py"),
        output:
            checkpoints=[f"<results>/models/{NETWORK}.safetensors"],
            losses=[f"<results>/models/{NETWORK}_loss.csv"],
        log:
            f"<logs>/train/{NETWORK}.log",
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            gpu=GPUS,
            mem_mb=growing(2000),
            runtime=growing(120),
        params:
            family=lambda wildcards: FAMILIES[wildcards.family],
            pairs=lambda wildcards: [(int(wildcards.latent_dim), int(wildcards.seed))],
            together=False,
            device=config["device"],
        message:
            "Training {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
        script:
            "../scripts/train.py"

# One autoencoder for every family, latent dimension and seed: a job each, or one job a family.
PAIRS = list(product(LATENT_DIMS, SEEDS))


if config["train_together"]:

    rule train_together:
        input:
            images="<results>/training_images.nc",
            code=library("training_together.py", "datasets.py"),
        output:
            checkpoints=[f"<results>/models/{{family}}/d{d}_seed{seed}.safetensors" for d, seed in PAIRS],
            losses=[f"<results>/models/{{family}}/d{d}_seed{seed}_loss.csv" for d, seed in PAIRS],
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
            pairs=PAIRS,
            autoencoder=config["autoencoder"],
            training=config["training"],
        message:
            "Training {wildcards.family}, all latent dimensions and seeds"
        script:
            "../scripts/train.py"

else:

    rule train:
        input:
            images="<results>/training_images.nc",
            code=library("training.py", "datasets.py"),
        output:
            checkpoints=["<results>/models/{family}/d{latent_dim}_seed{seed}.safetensors"],
            losses=["<results>/models/{family}/d{latent_dim}_seed{seed}_loss.csv"],
        log:
            "<logs>/train/{family}/d{latent_dim}_seed{seed}.log",
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            gpu=GPUS,
            mem_mb=growing(2000),
            runtime=growing(120),
        params:
            pairs=lambda wildcards: [(int(wildcards.latent_dim), int(wildcards.seed))],
            autoencoder=config["autoencoder"],
            training=config["training"],
        message:
            "Training {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
        script:
            "../scripts/train.py"

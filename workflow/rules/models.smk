# One autoencoder for every family, latent dimension and seed.


rule train:
    input:
        images="<results>/training_images.nc",
        code=library("training.py", "datasets.py"),
    output:
        checkpoint="<results>/models/{family}/d{latent_dim}_seed{seed}.safetensors",
        loss="<results>/models/{family}/d{latent_dim}_seed{seed}_loss.csv",
    log:
        "<logs>/train/{family}/d{latent_dim}_seed{seed}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=GPUS,
        mem_mb=2000,
        runtime="2h",
    params:
        autoencoder=config["autoencoder"],
        training=config["training"],
    message:
        "Training {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/train.py"

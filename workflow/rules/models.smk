# One network for every family, latent dimension and seed: a job each, or one job a family; or networks that there are.

TAKEN = [name for name, family in FAMILIES.items() if "checkpoint" in family]
LOOKED_AT = {name: epoch_of(name) for name in FAMILIES if epoch_of(name)}
TRAINED = [name for name in FAMILIES if name not in TAKEN and name not in LOOKED_AT]
EPOCHS = sorted({epoch for _, epoch in LOOKED_AT.values()})
AFTER_EPOCHS = [NETWORK.replace("{family}", AT_EPOCH.format(family="{family}", epoch=epoch)) for epoch in EPOCHS]
TO_TRAIN = [pair for pair in PAIRS if not found_network(pair)] if config["train_together"] else PAIRS


if TAKEN:

    rule take:
        """A trained network of the user's, in the form that all that follows reads."""
        input:
            weights=lambda wildcards: local(
                FAMILIES[wildcards.family]["checkpoint"].format(
                    latent_dim=int(wildcards.latent_dim), seed=int(wildcards.seed)
                )
            ),
            images="<results>/training_images.nc",
            family=family_code,
            code=library("models/take.py"),
        output:
            checkpoint=f"<results>/models/{NETWORK}.safetensors",
            losses=f"<results>/models/{NETWORK}_loss.csv",
        log:
            f"<logs>/take/{NETWORK}.log",
        wildcard_constraints:
            family="|".join(map(re.escape, TAKEN)),
        conda:
            "../../envs/torch.yaml"
        threads: 1
        params:
            family=lambda wildcards: FAMILIES[wildcards.family],
        message:
            "Taking {input.weights}"
        script:
            "../scripts/take.py"


if FOUND:

    rule copy_network:
        """A network of another study, where it has one of this family, latent dimension and seed."""
        input:
            checkpoint=f"{config['networks_from']}/{NETWORK}.safetensors",
            losses=f"{config['networks_from']}/{NETWORK}_loss.csv",
        output:
            checkpoint=f"<results>/models/{NETWORK}.safetensors",
            losses=f"<results>/models/{NETWORK}_loss.csv",
        log:
            f"<logs>/copy_network/{NETWORK}.log",
        wildcard_constraints:
            family="|".join(map(re.escape, TRAINED)) or "(?!)",
        localrule: True  # a file of some hundred kilobytes
        conda:
            "../../envs/analysis.yaml"
        message:
            "Taking {input.checkpoint}"
        script:
            "../scripts/copy_network.py"


if config["train_together"] and TRAINED and TO_TRAIN:

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
            families=lambda wildcards: [FAMILIES[wildcards.family]],
            pairs=TO_TRAIN,
            together=True,
        message:
            "Training {wildcards.family}, all latent dimensions and seeds"
        script:
            "../scripts/train.py"

elif TRAINED and not config["train_together"]:
    if FOUND:

        ruleorder: copy_network > train

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
        wildcard_constraints:
            family="|".join(map(re.escape, TRAINED)),
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            gpu=GPUS,
            mem_mb=growing(2000),
            runtime=growing(120),
        params:
            families=lambda wildcards: [FAMILIES[wildcards.family]],
            pairs=lambda wildcards: [(int(wildcards.latent_dim), int(wildcards.seed))],
            together=False,
        message:
            "Training {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
        script:
            "../scripts/train.py"


if LOOKED_AT:

    rule train_and_look:
        """One training, and its network after every number of epochs asked for."""
        input:
            images="<results>/training_images.nc",
            family=lambda wildcards: code_of(FAMILIES[AT_EPOCH.format(epoch=EPOCHS[-1], **wildcards)]),
            code=library("models/train.py", "models/checkpoint.py", "data/pixels.py"),
        output:
            checkpoints=[f"<results>/models/{network}.safetensors" for network in AFTER_EPOCHS],
            losses=[f"<results>/models/{network}_loss.csv" for network in AFTER_EPOCHS],
        log:
            f"<logs>/train/{NETWORK}.log",
        wildcard_constraints:
            family="|".join(map(re.escape, {name for name, _ in LOOKED_AT.values()})),
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            gpu=GPUS,
            mem_mb=growing(2000),
            runtime=growing(120),
        params:
            families=lambda wildcards: [FAMILIES[AT_EPOCH.format(epoch=epoch, **wildcards)] for epoch in EPOCHS],
            pairs=lambda wildcards: [(int(wildcards.latent_dim), int(wildcards.seed))],
            together=False,
        message:
            "Training {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
        script:
            "../scripts/train.py"

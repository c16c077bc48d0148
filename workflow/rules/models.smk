# One network for every family, latent dimension and seed: a job each, or one job a family; or networks that there are.

TAKEN = [name for name, family in FAMILIES.items() if "checkpoint" in family]
FOUND = config.get("networks_from")
TO_TRAIN = [pair for pair in PAIRS if not found_network(pair)] if config["train_together"] else PAIRS


if TAKEN:

    rule take:
        """A trained network of the user's, in the form that all that follows reads."""
        input:
            weights=lambda wildcards: local(FAMILIES[wildcards.family]["checkpoint"].format(**wildcards)),
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
            checkpoint=f"{FOUND}/{NETWORK}.safetensors",
            losses=f"{FOUND}/{NETWORK}_loss.csv",
        output:
            checkpoint=f"<results>/models/{NETWORK}.safetensors",
            losses=f"<results>/models/{NETWORK}_loss.csv",
        log:
            f"<logs>/copy_network/{NETWORK}.log",
        wildcard_constraints:
            family="|".join(re.escape(name) for name in FAMILIES if name not in TAKEN) or "(?!)",
        localrule: True  # a file of some hundred kilobytes
        conda:
            "../../envs/analysis.yaml"
        message:
            "Taking {input.checkpoint}"
        script:
            "../scripts/copy_network.py"


if config["train_together"] and TO_TRAIN:

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
            pairs=TO_TRAIN,
            together=True,
            device=config["device"],
        message:
            "Training {wildcards.family}, all latent dimensions and seeds"
        script:
            "../scripts/train.py"

elif not config["train_together"] and len(TAKEN) < len(FAMILIES):
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
            family="|".join(re.escape(name) for name in FAMILIES if name not in TAKEN),
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

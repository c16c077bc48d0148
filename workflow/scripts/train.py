from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.autoencoder import save_checkpoint
    from aespectra.datasets import Pixels
    from aespectra.determinism import device_name
    from aespectra.devices import choose_device
    from aespectra.training import save_losses, train

    wildcards, params = snakemake.wildcards, snakemake.params
    device = choose_device(snakemake.config["device"])
    with Pixels(snakemake.input.images) as pixels:
        images, name = pixels[:], pixels.name
    config = {
        "family": wildcards.family,
        "latent_dim": int(wildcards.latent_dim),
        "seed": int(wildcards.seed),
        "images": name,
        "pixels": images.shape[1],
        "autoencoder": dict(params.autoencoder),
        "training": dict(params.training),
    }
    model, losses = train(
        images, config["latent_dim"], config["seed"], config["autoencoder"], config["training"], device
    )
    save_losses(snakemake.output.loss, losses)
    save_checkpoint(snakemake.output.checkpoint, model, config, device_name(device))

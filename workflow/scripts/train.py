from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.autoencoder import save_checkpoint
    from aespectra.datasets import Pixels
    from aespectra.determinism import device_name
    from aespectra.devices import choose_device
    from aespectra.training import save_losses, train

    params, output = snakemake.params, snakemake.output
    device = choose_device(snakemake.config["device"])
    with Pixels(snakemake.input.images) as pixels:
        images, name = pixels[:], pixels.name
    if snakemake.config["train_together"]:
        from aespectra.training_together import train_together

        models, losses = train_together(images, params.pairs, params.autoencoder, params.training, device)
    else:
        ((latent_dim, seed),) = params.pairs
        model, curve = train(images, latent_dim, seed, params.autoencoder, params.training, device)
        models, losses = [model], [curve]
    for i, (latent_dim, seed) in enumerate(params.pairs):
        config = {
            "family": snakemake.wildcards.family,
            "latent_dim": latent_dim,
            "seed": seed,
            "images": name,
            "pixels": images.shape[1],
            "autoencoder": dict(params.autoencoder),
            "training": dict(params.training),
        }
        save_losses(output.losses[i], losses[i])
        save_checkpoint(output.checkpoints[i], models[i], config, device_name(device))

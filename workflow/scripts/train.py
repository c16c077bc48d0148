from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.pixels import Pixels
    from aespectra.determinism import device_name
    from aespectra.devices import choose_device
    from aespectra.models.checkpoint import save_checkpoint
    from aespectra.models.family import family_of
    from aespectra.models.train import save_losses, train_on

    params, output = snakemake.params, snakemake.output
    families = params.families  # one, or one after every number of epochs that its training is looked at
    family = families[-1]
    recipe = (
        family_of(family["kind"]),
        family["autoencoder"],
        family["training"],
        choose_device(snakemake.config["device"]),
    )
    with Pixels(snakemake.input.images) as pixels:
        images, name = pixels[:].reshape(-1, *pixels.image_shape), pixels.name
    if params.together:
        from aespectra.models.train_together import train_together

        networks, curves = train_together(images, params.pairs, *recipe)
    else:
        ((latent_dim, seed),) = params.pairs
        if "factory" in family["autoencoder"]:
            from aespectra.models.probe import probe_untrained

            probe_untrained(images, latent_dim, *recipe[:2])
        epochs = [each["training"]["epochs"] for each in families]
        networks, curves = zip(*train_on(images, latent_dim, seed, *recipe[:-1], epochs, recipe[-1]), strict=True)
    made = [(family, *pair) for pair in params.pairs for family in families]
    for i, (family, latent_dim, seed) in enumerate(made):
        made_by = {
            "family": family["name"],
            "kind": family["kind"],
            "latent_dim": latent_dim,
            "seed": seed,
            "images": name,
            "pixels": images[0].size,
            "autoencoder": family["autoencoder"],
            "training": family["training"],
        }
        save_losses(Path(output.losses[i]), curves[i])
        save_checkpoint(Path(output.checkpoints[i]), networks[i], made_by, device_name(recipe[-1]))

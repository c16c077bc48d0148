from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.pixels import Pixels
    from aespectra.determinism import device_name
    from aespectra.devices import choose_device
    from aespectra.models.checkpoint import save_checkpoint
    from aespectra.models.family import family_of
    from aespectra.models.train import save_losses, train

    params, output = snakemake.params, snakemake.output
    family = params.family
    recipe = (family_of(family["kind"]), family["autoencoder"], family["training"], choose_device(params.device))
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
        network, curve = train(images, latent_dim, seed, *recipe)
        networks, curves = [network], [curve]
    for i, (latent_dim, seed) in enumerate(params.pairs):
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

from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.datasets import write_dataset
    from aespectra.images import evenly_spaced_blocks, load_images

    params, output = snakemake.params, snakemake.output
    images = load_images(params.name, snakemake.config["images"]["root"])
    for path, pixels, samples in (
        (output.training, images.pixels[: images.n_training], images.n_training),
        (output.evaluation, images.pixels, params.samples),
    ):
        blocks = evenly_spaced_blocks(pixels, samples)
        write_dataset(path, params.name, blocks, {"images": params.name}, images.full_scale)

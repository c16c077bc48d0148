from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.datasets import Pixels, write_dataset
    from aespectra.images import evenly_spaced_blocks, load_images

    spec = snakemake.params.spec
    with Pixels(snakemake.input.training) as training:
        side = round(training.pixels**0.5)
    images = load_images(spec["torchvision"], snakemake.config["images"]["root"], side)
    blocks = evenly_spaced_blocks(images.pixels, snakemake.params.samples)
    write_dataset(snakemake.output[0], spec["name"], blocks, spec, images.full_scale)

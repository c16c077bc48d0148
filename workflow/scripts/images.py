from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.data.images import check_pixels, evenly_spaced_blocks
    from aespectra.data.pixels import write_dataset
    from study.sources import arguments

    params, output = snakemake.params, snakemake.output
    source = arguments(params.module, params.source, snakemake.config)
    images = import_module(f"aespectra.data.{params.module}").load_images(**source)
    check_pixels(images, snakemake.resources.latent_dim)
    for path, pixels, samples in (
        (output.training, images.pixels[: images.n_training], images.n_training),
        (output.test, images.pixels[images.n_training :], len(images.pixels) - images.n_training),
        (output.evaluation, images.pixels, params.samples),
    ):
        blocks = evenly_spaced_blocks(pixels, samples)
        write_dataset(Path(path), params.name, blocks, params.made_by, images.full_scale, images.shape)

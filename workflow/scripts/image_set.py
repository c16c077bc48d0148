from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.data.images import evenly_spaced_blocks
    from aespectra.data.pixels import Pixels, write_dataset
    from study.sources import arguments

    params = snakemake.params
    source = arguments(params.module, params.source, snakemake.config)
    with Pixels(snakemake.input.training) as training:
        shape = training.image_shape
    images = import_module(f"aespectra.data.{params.module}").load_images(**source, shape=shape)
    blocks = evenly_spaced_blocks(images.pixels, params.samples)
    write_dataset(Path(snakemake.output[0]), params.spec["name"], blocks, params.spec, images.full_scale, shape)

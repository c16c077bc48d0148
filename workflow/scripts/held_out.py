from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.images import evenly_spaced_blocks
    from aespectra.data.pixels import Pixels, write_dataset

    params = snakemake.params
    with Pixels(snakemake.input.images) as images:
        blocks, shape = evenly_spaced_blocks(images[:], params.samples), images.image_shape
    write_dataset(Path(snakemake.output[0]), params.spec["name"], blocks, params.spec, image_shape=shape)

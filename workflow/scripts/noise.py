from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.noise import noise_blocks
    from aespectra.data.pixels import Pixels, write_dataset

    params = snakemake.params
    with Pixels(snakemake.input.training) as training:
        blocks = noise_blocks(params.spec, params.seed, training.pixels, params.samples)
        shape = training.image_shape
    made_by = params.spec | {"seed": params.seed}
    write_dataset(Path(snakemake.output[0]), params.spec["name"], blocks, made_by, image_shape=shape)

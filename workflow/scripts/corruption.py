from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.corruptions import corrupted_blocks
    from aespectra.data.pixels import Pixels, write_dataset

    params = snakemake.params
    with Pixels(snakemake.input.points) as points:
        blocks = corrupted_blocks(points, params.spec, params.seed)
        made_by = params.spec | {"seed": params.seed}
        write_dataset(Path(snakemake.output[0]), params.spec["name"], blocks, made_by, image_shape=points.image_shape)

from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.images import evenly_spaced_blocks, load_images
    from aespectra.data.pixels import Pixels, write_dataset

    spec = snakemake.params.spec
    with Pixels(snakemake.input.training) as training:
        side = round(training.pixels**0.5)
    images = load_images(spec["torchvision"], Path(snakemake.params.root), side)
    blocks = evenly_spaced_blocks(images.pixels, snakemake.params.samples)
    write_dataset(Path(snakemake.output[0]), spec["name"], blocks, spec, images.full_scale)

from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.datasets import Pixels, noise_blocks, write_dataset

    params = snakemake.params
    with Pixels(snakemake.input.training) as training:
        blocks = noise_blocks(params.spec, params.seed, training.pixels, params.samples)
    made_by = params.spec | {"seed": params.seed}
    write_dataset(snakemake.output[0], params.spec["name"], blocks, made_by)

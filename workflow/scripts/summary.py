from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.cube import by_grid
    from aespectra.summary import write_summary

    write_summary(
        path=snakemake.output[0],
        slabs=by_grid(snakemake.input.slabs, snakemake.config),
        losses=by_grid(snakemake.input.losses, snakemake.config),
        datasets=snakemake.input.datasets,
        config=snakemake.config,
    )

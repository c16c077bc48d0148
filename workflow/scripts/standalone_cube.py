from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.cube import by_grid, write_standalone_cube

    write_standalone_cube(snakemake.output[0], by_grid(snakemake.input.slabs, snakemake.config), snakemake.config)

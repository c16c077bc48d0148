from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.devices import choose_device
    from aespectra.spectra import write_slab

    write_slab(
        path=snakemake.output[0],
        checkpoint=snakemake.input.checkpoint,
        datasets=snakemake.input.datasets,
        samples=snakemake.params.samples,
        spectra=snakemake.params.spectra,
        device=choose_device(snakemake.config["device"]),
    )

from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.provenance import write_provenance

    files = {kind: snakemake.input[kind] for kind in ("datasets", "networks", "spectra", "summary")}
    write_provenance(snakemake.output[0], files, snakemake.params.config)

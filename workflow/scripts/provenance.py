from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input):
    from pathlib import Path

    from aespectra.report.provenance import write_provenance

    kinds = ("datasets", "networks", "spectra", "summary")
    files = {kind: map(Path, snakemake.input[kind]) for kind in kinds}
    write_provenance(Path(snakemake.output[0]), files, snakemake.params.config)

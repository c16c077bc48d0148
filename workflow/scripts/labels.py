from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.images import load_labels
    from aespectra.data.labels import write_labels

    params = snakemake.params
    write_labels(Path(snakemake.output[0]), params.name, *load_labels(params.name, Path(params.root)))

from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.data.labels import write_labels

    params = snakemake.params
    labels = import_module(f"aespectra.data.{params.module}").load_labels(**params.source)
    write_labels(Path(snakemake.output[0]), params.name, *labels)

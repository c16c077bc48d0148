from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.data.labels import write_labels
    from study.sources import arguments

    params = snakemake.params
    source = arguments(params.module, params.source, snakemake.config)
    labels = import_module(f"aespectra.data.{params.module}").load_labels(**source)
    write_labels(Path(snakemake.output[0]), params.name, *labels)

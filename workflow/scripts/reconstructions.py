from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input.datasets):
    from pathlib import Path

    from aespectra.devices import choose_device
    from aespectra.models.family import family_of
    from aespectra.summary.reconstructions import write_reconstructions

    source, params = snakemake.input, snakemake.params
    write_reconstructions(
        path=Path(snakemake.output[0]),
        checkpoint=Path(source.checkpoint),
        family=family_of(params.made_for["kind"]),
        made_for=params.made_for,
        datasets=[Path(dataset) for dataset in source.datasets],
        training=Path(source.training),
        test=Path(source.test),
        classifier=Path(source.weights),
        device=choose_device(snakemake.config["device"]),
    )

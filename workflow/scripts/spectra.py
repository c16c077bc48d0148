from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input.datasets):
    from pathlib import Path

    from aespectra.devices import choose_device
    from aespectra.models.family import family_of
    from aespectra.slabs.compute import write_slab

    params = snakemake.params
    write_slab(
        path=Path(snakemake.output[0]),
        checkpoint=Path(snakemake.input.checkpoint),
        family=family_of(params.made_for["kind"]),
        made_for=params.made_for,
        datasets=[Path(dataset) for dataset in snakemake.input.datasets],
        samples=params.samples,
        spectra=params.spectra,
        device=choose_device(snakemake.config["device"]),
    )

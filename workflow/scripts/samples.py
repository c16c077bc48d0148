from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.devices import choose_device
    from aespectra.models.family import family_of
    from aespectra.summary.samples import write_samples

    source, params = snakemake.input, snakemake.params
    write_samples(
        path=Path(snakemake.output[0]),
        checkpoint=Path(source.checkpoint),
        family=family_of(params.made_for["kind"]),
        made_for=params.made_for,
        latents=Path(source.latents),
        images={"training": Path(source.training), "test": Path(source.test)},
        classifier=Path(source.weights),
        features=Path(source.features),
        prior=params.prior,
        device=choose_device(snakemake.config["device"]),
    )

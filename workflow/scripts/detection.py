from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=[snakemake.input.slab, *snakemake.input.datasets]):
    from pathlib import Path

    from aespectra.data.pixels import Pixels
    from aespectra.devices import choose_device
    from aespectra.models.family import family_of
    from aespectra.summary.detection import Battery, write_detection

    source, params = snakemake.input, snakemake.params
    with Pixels(source.training) as training, Pixels(source.test) as test:
        images = {"training_images": len(training), "all_images": len(training) + len(test)}
    write_detection(
        path=Path(snakemake.output[0]),
        slab=Path(source.slab),
        checkpoint=Path(source.checkpoint),
        family=family_of(params.made_for["kind"]),
        made_for=params.made_for,
        datasets=[Path(dataset) for dataset in source.datasets],
        battery=Battery(**params.battery),
        **images,
        device=choose_device(snakemake.config["device"]),
    )

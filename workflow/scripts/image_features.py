from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.devices import choose_device
    from aespectra.summary.image_features import write_image_features

    source, output = snakemake.input, snakemake.output
    write_image_features(
        path=Path(output.features),
        weights=Path(output.weights),
        training=Path(source.training),
        test=Path(source.test),
        labels=Path(source.labels),
        device=choose_device(snakemake.config["device"]),
    )

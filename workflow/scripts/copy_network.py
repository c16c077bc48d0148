from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.checksums import check_checkpoint_content
    from aespectra.files import written_whole

    source, output = snakemake.input, snakemake.output
    check_checkpoint_content(Path(source.checkpoint))
    for name in ("checkpoint", "losses"):
        with written_whole(output[name]) as part:
            part.write_bytes(Path(source[name]).read_bytes())

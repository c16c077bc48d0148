# A finished study to hand on: networks, summary, figures and claims without the spectra, and what they are.


rule manifest:
    """What a finished study consists of: config, versions, seconds of every job, zeros, checksums."""
    input:
        summary="<results>/summary.nc",
        slabs=over_grid("<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc"),
        files=[
            "<results>/summary.nc",
            "<results>/claims.csv",
            *over_grid(f"{MODELS}/{{family}}/d{{latent_dim}}_seed{{seed}}.safetensors"),
            *over_grid(f"{MODELS}/{{family}}/d{{latent_dim}}_seed{{seed}}_loss.csv"),
            *figure_files(),
        ],
        code=library("manifest.py"),
    output:
        "<results>/manifest.json",
    log:
        "<logs>/manifest.log",
    localrule: True  # seconds
    conda:
        "../../envs/analysis.yaml"
    params:
        logs=lambda wildcards, input: Path(input.summary).parent / "logs",
    message:
        "The manifest"
    script:
        "../scripts/manifest.py"

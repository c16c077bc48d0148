# Every statistic that a figure shows, in one small file.


rule summary:
    """Every statistic that a figure shows, as one netCDF file."""
    input:
        slabs=over_grid("<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc"),
        losses=over_grid("<results>/models/{family}/d{latent_dim}_seed{seed}_loss.csv"),
        datasets=DATASETS,
        code=library("summary.py"),
    output:
        "<results>/summary.nc",
    log:
        "<logs>/summary.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=4000,
        runtime="1h",
    message:
        "Statistics of all spectra"
    script:
        "../scripts/summary.py"

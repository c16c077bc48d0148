# Every statistic that a figure shows, in one small file, and what it says of the paper's claims.


rule summary:
    """Every statistic that a figure shows, as one netCDF file."""
    input:
        slabs=over_grid("<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc"),
        losses=over_grid(f"{MODELS}/{{family}}/d{{latent_dim}}_seed{{seed}}_loss.csv"),
        datasets=DATASETS,
        code=library("summary.py"),
    output:
        "<results>/summary.nc",
    log:
        "<logs>/summary.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    message:
        "Statistics of all spectra"
    script:
        "../scripts/summary.py"


rule claims:
    """The paper's claims: what was measured, for every seed, and whether they hold."""
    input:
        summary=SUMMARY,
        code=library("claims.py"),
    output:
        table="<results>/claims.csv",
        page=report(
            "<results>/claims.html",
            caption="../report/claims.rst",
            category="Claims",
            labels={"name": "Claims 1 to 18"},
        ),
    log:
        "<logs>/claims.log",
    localrule: True  # seconds, from a small file
    conda:
        "../../envs/analysis.yaml"
    message:
        "The paper's claims"
    script:
        "../scripts/claims.py"

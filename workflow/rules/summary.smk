# Every statistic that a figure shows, in one small file, and what it says of the paper's claims.


rule statistics:
    input:
        slabs=expand(f"<results>/spectra/{NETWORK}.nc", seed=SEEDS, allow_missing=True),
        losses=expand(f"{MODELS}/{NETWORK}_loss.csv", seed=SEEDS, allow_missing=True),
        code=library("summary/compute.py"),
    output:
        "<results>/statistics/{family}/d{latent_dim}.nc",
    log:
        "<logs>/statistics/{family}/d{latent_dim}.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    message:
        "Statistics of {wildcards.family}, latent_dim {wildcards.latent_dim}"
    script:
        "../scripts/statistics.py"


rule summary:
    """Every statistic that a figure shows, as one netCDF file."""
    input:
        parts=expand("<results>/statistics/{family}/d{latent_dim}.nc", family=FAMILIES, latent_dim=LATENT_DIMS),
        datasets=DATASETS,
        code=library("summary/merge.py"),
    output:
        "<results>/summary.nc",
    log:
        "<logs>/summary.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/analysis.yaml"
    params:
        config=STUDY,
    message:
        "The statistics of all families and latent dimensions"
    script:
        "../scripts/summary.py"


rule statistics_table:
    """Every statistic that is one number of a network, set and Jacobian, as csv."""
    input:
        summary=SUMMARY,
        code=library("summary/table.py"),
    output:
        "<results>/statistics.csv",
    log:
        "<logs>/statistics_table.log",
    localrule: True  # seconds, from a small file
    conda:
        "../../envs/analysis.yaml"
    message:
        "The statistics as a table"
    script:
        "../scripts/statistics_table.py"


rule claims:
    """The paper's claims: what was measured, for every seed, and whether they hold; and the same by d."""
    input:
        summary=SUMMARY,
        code=library("claims/judge.py", "report/claims.py"),
    output:
        table="<results>/claims.csv",
        by_d="<results>/claims_by_d.csv",
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
    params:
        terms=config["claims"],
    message:
        "The paper's claims"
    script:
        "../scripts/claims.py"

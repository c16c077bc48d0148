# One page to choose from and to point at: spectra, reconstructions and claims of a finished study.


rule explorer:
    """One page without network: eigenvalues, their points and reconstructions, chosen by family, d, seed and set."""
    input:
        cube="<results>/cube.nc",
        slabs=of_networks(f"<results>/spectra/{NETWORK}.nc"),
        summary="<results>/summary.nc",
        datasets=DATASETS,
        claims=["<results>/claims.csv", *if_made("reconstruction_claims.csv", "reconstructions")],
        detection=if_made("detection.csv", "detection"),
        gaussianity=if_made("gaussianity.csv", "gaussianity"),
        code=library("explorer/page.py"),
        parts=[
            local(os.path.relpath(LIBRARY / "explorer" / name))
            for name in ("explorer.html", "explorer.css", "explorer.js", "tables.js")
        ],
    output:
        page="<results>/explorer.html",
        small=report(
            "<results>/explorer-small.html",
            caption="../report/explorer.rst",
            category="Explorer",
            labels={"name": "Spectra and reconstructions"},
        ),
    log:
        "<logs>/explorer.log",
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        points=config["claims"]["points"],
        title=f"Study “{config['experiment']}”",
    message:
        "The explorer"
    script:
        "../scripts/explorer.py"

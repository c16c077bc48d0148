# What a study of two seeds would have come to: all pairs of a study's seeds, judged.

SEEDS_FILES = [
    f"<results>/figures/{FOLDER}seeds.{suffix}".format(family=family) for family in FAMILIES for suffix in FORMATS
]

if target("seeds") in ASKED and len(SEEDS) < 2:
    raise WorkflowError(
        f"config key 'seeds' has {SEEDS[0]} alone; the target seeds, which judges pairs, needs two or more."
    )


rule seeds:
    """How verdicts hang on the seeds: every pair of them, judged as the paper's two are; table and figure."""
    input:
        summary=SUMMARY,
        code=library("claims/pairs.py", "claims/paper.py", "figures/seeds.py", "report/seeds.py", "summary/alive.py"),
    output:
        table="<results>/seeds.csv",
        page=report(
            "<results>/seeds.html",
            caption="../report/seeds.rst",
            category="Claims",
            labels={"name": "Claims by pairs of seeds"},
        ),
        figures=SEEDS_FILES,
    log:
        "<logs>/seeds.log",
    localrule: True  # seconds, from a small file
    conda:
        "../../envs/analysis.yaml"
    params:
        terms=config["claims"],
        families=list(FAMILIES),
        style=STYLE,
    message:
        "The claims by pairs of seeds"
    script:
        "../scripts/seeds.py"

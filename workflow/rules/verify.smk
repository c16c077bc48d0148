# A study reread, and what a run finds before it begins.


rule verify:
    """Reread the whole study, networks to figures: names what is broken and the command that mends it."""
    log:
        "<logs>/verify.log",
    localrule: True  # reads, and nothing else
    conda:
        "../../envs/analysis.yaml"
    params:
        study=str(RESULTS),
        files=lambda wildcards: made_by_targets(),
        kept=[str(KEPT)] if KEPT else [],
        command=command(),
    message:
        "Rereading the study"
    script:
        "../scripts/verify.py"


# from a kept study: targets that are drawn from its summary, among them the default
COMPUTED = {"cube", "summary", *BESIDE}
DRAWN = {"all", "claims", "statistics_table", "provenance", "figures", *FIGURES}

if workflow.is_main_process and not VERIFYING:  # which looks at all of them, and goes on
    MADE_BY = {name: list(map(Path, files)) for name, files in made_by_targets().items()}
    FILES_ASKED = set(map(Path, ASKED))
    MEANT = ASKED | {name for name, files in MADE_BY.items() if not FILES_ASKED.isdisjoint(files)}
    DRAWING = not COMPUTED & MEANT or DRAWN & MEANT
    check_files([path for files in MADE_BY.values() for path in files], bool(DRAWING))
    for name, files in MADE_BY.items():
        if gone := lost(files, RESULTS):
            logger.warning(
                f"{gone[0]} was made and is missing"
                + (f", and {len(gone) - 1} more. " if len(gone) > 1 else ". ")
                + f"To make again what is missing and what depends on it: {command(name)}"
            )

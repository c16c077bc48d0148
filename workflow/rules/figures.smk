# Every figure and table is a target of its own, drawn from the summary alone: snakemake --cores 1 figure_2

# target: (module of aespectra.figures, caption, arguments of its draw beside the summary and the config)
FIGURES = {
    **{name: (name, name, {}) for name in (*(f"figure_{number}" for number in range(1, 7)), "complex_plane")},
    **{f"table_{number}": ("reconstructions", "table", {"seed": seed}) for number, seed in enumerate(SEEDS, start=1)},
    "training_curves": ("training_curves", "training_curves", {}),
}


def figure_files() -> list[str]:
    return [f"<results>/figures/{name}.{suffix}" for name in FIGURES for suffix in config["figures"]["formats"]]


for name, (module, caption, arguments) in FIGURES.items():

    rule:
        name:
            name
        input:
            summary=SUMMARY,
            code=library(f"figures/{module}.py"),
        output:
            [
                report(
                    f"<results>/figures/{name}.{suffix}",
                    caption=f"../report/{caption}.rst",
                    category="Tables" if caption == "table" else "Figures",
                    labels={"name": name.replace("_", " "), "format": suffix},
                )
                for suffix in config["figures"]["formats"]
            ],
        log:
            f"<logs>/figures/{name}.log",
        localrule: True  # seconds, from a small file
        conda:
            "../../envs/analysis.yaml"
        params:
            module=module,
            figures=config["figures"],
            arguments=arguments,
        message:
            f"Drawing {name}"
        script:
            "../scripts/figure.py"

    # for --list-target-rules; a docstring in the rule would be the same for all
    what = ast.get_docstring(ast.parse((LIBRARY / "figures" / f"{module}.py").read_text()))
    getattr(rules, name).rule.docstring = what.splitlines()[0]

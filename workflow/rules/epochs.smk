# What a training does to spectra, where its networks were looked at after several numbers of epochs.

COURSES = list(dict.fromkeys(name for name, _ in LOOKED_AT.values()))
COURSE_FILES = [f"<results>/figures/{family}/epochs.{suffix}" for family in COURSES for suffix in FORMATS]

if COURSES:

    rule epochs:
        """How spectra change over the training, by training.checkpoints: a figure of every family."""
        input:
            COURSE_FILES,

    rule epochs_of:
        input:
            summary=SUMMARY,
            code=library("figures/epochs.py", "slabs/epochs.py"),
        output:
            report(
                f"<results>/figures/{{family}}/epochs.{REPORTED}",
                caption="../report/epochs.rst",
                category="Figures",
                labels={"name": "The course of the training", "family": "{family}"},
            ),
            [f"<results>/figures/{{family}}/epochs.{suffix}" for suffix in FORMATS if suffix != REPORTED],
        log:
            "<logs>/figures/{family}/epochs.log",
        wildcard_constraints:
            family="|".join(map(re.escape, COURSES)),
        localrule: True  # seconds, from a small file
        conda:
            "../../envs/analysis.yaml"
        params:
            arguments=SHOWN | {"points": config["claims"]["points"]},
        message:
            "Drawing the course of the training of {wildcards.family}"
        script:
            "../scripts/epochs.py"

# What the rules ask of evaluation sets: their kinds, and who reads them.


def sets_with(*kinds: str) -> str:
    """A regular expression for the names of the sets of these kinds; for nothing, if there are none."""
    return "|".join(re.escape(name) for name, each in EVALUATION_SETS.items() if set(kinds) & set(each)) or "(?!)"


def read_by(wildcards) -> tuple[str, dict]:
    """The module that reads the images of a set, and what makes them those they are."""
    return reader(EVALUATION_SETS[wildcards.dataset])

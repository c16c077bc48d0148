# make demo, make test: each sets everything up by itself, in .venv.
PYTHON ?= python3
CONFIG ?= config/config.yaml
BIN := .venv/bin
export OMP_NUM_THREADS := 1

.PHONY: demo status test bench reference reference-spectra slurm format lock clean

# The paper's whole grid on 8x8 digits: no download, minutes on two cores. Results: results/digits
demo: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/digits.yaml

# What of a study is done, out of date and missing; also while it runs: make status CONFIG=config/digits.yaml
status: .venv/installed
	@$(BIN)/python workflow/status.py --configfile $(CONFIG)

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/pytest -n 2 --dist loadfile

# Ratios of speed, measured side by side: results/benchmarks
bench: .venv/installed
	PYTHONPATH=workflow $(BIN)/python tests/benchmarks/run.py

# The study itself, at full size, and what results/reference keeps of it
reference: .venv/installed
	$(BIN)/snakemake --cores all all manifest
	cd results/paper && cp -r models figures summary.nc claims.csv manifest.json ../reference

# The spectra that results/reference does not keep, from its networks: results/from-reference
reference-spectra: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/reference.yaml -- cube summary

# What profiles/slurm needs beside
slurm: .venv/installed
	$(BIN)/pip install --disable-pip-version-check --require-hashes --no-deps -r envs/slurm.lock

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

# After editing envs/requirements.in or envs/slurm.in (needs uv)
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	$(COMPILE) envs/requirements.in -o envs/requirements.lock
	$(COMPILE) --no-deps envs/slurm.in -o envs/slurm.lock

clean:
	rm -rf .venv results/digits

.venv/installed: envs/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r envs/requirements.lock
	@touch $@

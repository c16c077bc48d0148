# make demo, make test: each sets everything up by itself, in .venv.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS := 1

.PHONY: demo test bench slurm format lock clean

# The paper's whole grid on 8x8 digits: no download, minutes on two cores. Results: results/digits
demo: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/digits.yaml

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/pytest -n 2 --dist loadfile

# Ratios of speed, measured side by side: results/benchmarks
bench: .venv/installed
	PYTHONPATH=workflow $(BIN)/python tests/benchmarks/run.py

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

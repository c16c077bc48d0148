# make demo, make test, make check: each sets everything up by itself, in .venv.
PYTHON ?= python3
CONFIG ?= config/config.yaml
WATCH ?=
PAGE ?=
TARGETS ?=
BIN := .venv/bin
export OMP_NUM_THREADS := 1

.PHONY: demo demo-priors demo-uses status test check style types faults bench bench-pythae reference reference-spectra slurm format docs lock clean

# The paper's whole grid on 8x8 digits: no download, minutes on two cores. Results: results/digits
demo: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/digits.yaml

# Families that draw their latents to a prior, on the same digits. Results: results/priors-digits
demo-priors: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/priors.yaml config/priors-digits.yaml -- all priors

# What the spectra are good for, on digits: which sets stand out, where points end. Results: results/uses-digits
demo-uses: .venv/installed
	$(BIN)/snakemake --cores all --configfile config/uses-digits.yaml -- detection attractors reconstructions

# What of a study is done and missing, what runs and what failed, and the time left: make status CONFIG=config/digits.yaml
# WATCH=1 shows it in place until Ctrl-C, PAGE=board.html keeps a page of it, TARGETS="all detection" asks for these
status: .venv/installed
	@$(BIN)/python workflow/status.py $(if $(WATCH),--watch) $(if $(PAGE),--page $(PAGE)) --configfile $(CONFIG) $(if $(TARGETS),-- $(TARGETS))

# Everything
test: style types
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# For the inner loop: a minute and a half on two cores
check: style types
	$(BIN)/pytest -n 2 --dist loadfile -m "not long" tests/unit

style: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules

types: .venv/installed
	$(BIN)/mypy

# Kills, full and failing disks, flipped bits, by the hundred: twenty minutes on two cores; ends with the table of
# docs/reliability.md
faults: .venv/installed
	$(BIN)/pytest -n 2 --dist worksteal -m campaign --timeout 1200 tests/faults

# Ratios of speed, measured side by side: results/benchmarks
bench: .venv/installed
	PYTHONPATH=workflow:. $(BIN)/python tests/benchmarks/run.py

# VAE and WAE-MMD beside pythae's own trainer, which is no dependency: installed beside the environment
bench-pythae: .venv/installed
	$(BIN)/pip install --disable-pip-version-check --quiet --upgrade --target .venv/pythae --no-deps \
		pythae==0.1.2 tqdm==4.70.1 imageio==2.38.1
	PYTHONPATH=workflow:.venv/pythae $(BIN)/python tests/benchmarks/against_pythae.py

# The study itself, at full size, and what results/reference keeps of it
reference: .venv/installed
	$(BIN)/snakemake --cores all all manifest
	$(BIN)/python workflow/keep.py results/paper results/reference models figures summary.nc claims.csv claims_by_d.csv

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

# After editing the schema of the config, a module's docstring or a claim: the parts of the documents made from them
docs: .venv/installed
	PYTHONPATH=workflow $(BIN)/python -m study.documents
	PYTHONPATH=workflow $(BIN)/python workflow/claims_in_documents.py

# After editing envs/requirements.in or envs/slurm.in (needs uv)
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	$(COMPILE) envs/requirements.in -o envs/requirements.lock
	$(COMPILE) --no-deps envs/slurm.in -o envs/slurm.lock

clean:
	rm -rf .venv results/digits results/priors-digits results/uses-digits

.venv/installed: envs/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r envs/requirements.lock
	@touch $@

# Two commands do everything on a fresh machine: `make all` and `make test`. A Python is all they need:
# tools/choose_python.sh takes the newest that suits.
SHELL := /bin/bash
UV := UV_PYTHON_DOWNLOADS=never .tools/bin/uv
# Relative, since the folder's name may have spaces and quotes in it.
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# A study for `make all STUDY=name`; without it, the one in params.yaml.
STUDY ?=
# A Python for `make env PYTHON=python3.12`, a name or a path.
PYTHON ?=

.PHONY: all env named test test-rest test-all slowest unit moves torture bench gpu check format generate results lock clean

all: env
	@if [ -n "$(STUDY)" ]; then ineq study use "$(STUDY)"; fi
	snakemake --cores all all
	@study=$$(sed -n 's/^study: *//p' params.yaml); cat "results/$$study/tables/summary.md"

env: .venv/.stamp

.venv/.stamp: requirements.lock pyproject.toml $(if $(PYTHON),named)
	@python=$$(tools/choose_python.sh "$(PYTHON)") || exit; \
	[ -x .tools/bin/uv ] || { "$$python" -m venv .tools \
		&& .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.8; } || exit; \
	[ "$$($(BIN)/python -V 2>&1)" = "$$("$$python" -V)" ] || $(UV) venv --quiet --clear --python "$$python" .venv
	# Compiled now, not by every job anew where Python is told not to write bytecode: importing torch takes twice as long then.
	$(UV) pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock
	$(UV) pip install --quiet --no-deps --python $(BIN)/python -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

PYTEST := pytest -n 2 --dist worksteal
AGAIN := -m 'every_cpu and not slow' tests/unit

# Everything that fits into ten minutes on two cores: tests/second_tier.py says what does not.
test: env
	@start=$$SECONDS; $(PYTEST); status=$$?; \
	printf 'make test took %d:%02d of the 10:00 that it may take\n' $$(((SECONDS-start)/60)) $$(((SECONDS-start)%60)); exit $$status

# The rest, in half an hour, with what computes once more as on a CPU without newer instructions than AVX2, and once
# more on a pretended GPU.
test-rest: env
	@$(PYTEST) -m 'slow and not torture'; rest=$$?; \
	ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 $(PYTEST) $(AGAIN); old=$$?; \
	PYTHONPATH=tests/pretended $(PYTEST) $(AGAIN) --ignore=tests/unit/test_pretended_gpu.py; gpu=$$?; \
	exit $$((rest + old + gpu > 0))

test-all: test test-rest

# The slowest 20 tests of the last run, as a table.
slowest:
	@$(BIN)/python tests/slowest.py

unit: env
	$(PYTEST) tests/unit

# Every place that moves a tensor, taken out in turn on a pretended GPU: what CUDA would refuse then, is refused.
moves: env
	@$(BIN)/python tests/taken_out.py

# 10,000 cases of bad input where `make test` tries the same 500 every time, 100 kills at random moments, and two runs
# started at once, 20 times.
torture: env
	@seed=$${SEED:-$$RANDOM}; echo "seed $$seed: \`make torture SEED=$$seed\` tries the same again"; \
	INEQ_SEED=$$seed INEQ_TORTURE=$${CASES:-10000} pytest -n 2 --dist worksteal -rP -m torture --hypothesis-seed=$$seed

# What is claimed of speed, on an idle machine, beside the libraries that one would take instead: they are installed
# in an environment of their own.
bench: .bench/.stamp
	.bench/bin/python benchmarks/bench.py $(PARTS)

.bench/.stamp: benchmarks/requirements.lock pyproject.toml .venv/.stamp
	@[ -x .bench/bin/python ] || $(UV) venv --quiet --python $(BIN)/python .bench
	$(UV) pip sync --quiet --compile-bytecode --require-hashes --python .bench/bin/python benchmarks/requirements.lock
	$(UV) pip install --quiet --no-deps --python .bench/bin/python -e .
	@touch $@

# On a machine with a GPU: unit tests, a study and an audit beside the CPU's, and times; meant to take less than eight minutes.
gpu: env
	python benchmarks/gpu.py --to benchmarks/results/gpu.md

check: env
	ruff format --check .
	ruff check .
	snakefmt --check Snakefile workflow/rules
	snakemake --lint
	pyright
	lint-imports
	pytest -q tests/unit/test_generated.py tests/pipeline/test_drift.py

format: env
	ruff format .
	ruff check --fix .
	snakefmt Snakefile workflow/rules

# What is made from the schema, the registry and docs/results: dvc.yaml, studies/base.yaml, docs/parameters.md, JSON
# schemas, README blocks.
generate: env
	python tools/docs/generate.py

# The finished run's small results become the committed ones, and the README's numbers.
results: env
	ineq study publish
	python tools/docs/generate.py

lock:
	$(UV) pip compile --quiet pyproject.toml --all-extras --group dev --python-version 3.11 --universal --generate-hashes --no-header -o requirements.lock
	$(UV) pip compile --quiet pyproject.toml benchmarks/peers.in --extra workflow --python-version 3.11 --universal --generate-hashes --no-header -o benchmarks/requirements.lock

clean:
	rm -rf results .bench .lowest .stale .ineq .snakemake

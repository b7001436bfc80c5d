# Everything starts here. Type make help.
# Kept to what GNU make 3.81 (macOS) understands.

PY := .venv/bin/python
PYTEST := $(PY) -m pytest
UV := .venv/bin/uv
CHAPTER ?=
ONLY ?=
CONSTRAINTS ?=
VERSIONS ?=
PORT ?= 8000
WORKERS ?= 2
SLOW ?=
CORE ?=
SAMPLE ?=

# Sphinx, TensorFlow and the kernels read these.
export TF_CPP_MIN_LOG_LEVEL := 3
export TF_ENABLE_ONEDNN_OPTS := 0
export PYTHON

.PHONY: help environment book offline pdf screenshots test quick check coverage mutation lint unit execute seeds times sync address requirements \
        reproduce bench colab serve lab clean distclean
.DEFAULT_GOAL := help

help: ## List the targets
	@echo "make book and make test are all that a fresh clone needs. Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

# The first Python that starts and is at least 3.8 looks for the right one.
environment: ## Set up or repair .venv (the other targets do it)
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; then \
	    exec "$$python" tools/environment.py; \
	  fi; \
	done; \
	echo "No Python found. Install Python 3.11, 3.12 or 3.13:"; \
	echo "  Debian, Ubuntu: sudo apt-get install python3 python3-venv"; \
	echo "  Fedora:         sudo dnf install python3"; \
	echo "  macOS:          brew install python@3.12"; \
	echo "then give the same make command again."; \
	exit 1

book: environment ## Build the site to _build/html/index.html
	@$(PY) tools/site.py

offline: book ## Pack the site into a zip that reads without a network
	@$(PY) tools/offline.py

pdf: environment ## Print the whole book into one PDF (needs Chromium)
	@$(PY) tools/pdf.py

screenshots: book ## Take the reference pictures of six pages anew (needs Chromium)
	@$(PY) tools/screenshots.py

# One pytest run over everything: two workers, and a file (a chapter too) stays on one of them.
test: lint ## Run all tests: code, tools, book, every chapter (with the slow ones: SLOW=1)
	@$(PYTEST) -n $(WORKERS) --dist loadfile --nbval $(if $(SLOW),,-m "not slow") \
	  tests book/chapters

quick: lint unit ## The quick look while working: lint, types, unit tests, pairs, portability

check: lint coverage ## The gates: lint, types, docstrings, coverage

# What runs in a sandbox, in a kernel or in another process writes no coverage, and counts as missed.
coverage: environment ## Test the package; see which lines and branches no test meets, fail under 95 %
	@$(PYTEST) -n $(WORKERS) --dist loadfile -m "not slow" --cov --cov-report=term \
	  tests/unit tests/exercises tests/explorers tests/grading tests/book/test_reproduction.py

lint: environment
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check --quiet || \
	  { echo "Type $(PY) -m ruff format"; exit 1; }
	@$(PY) -m mypy
	@$(PY) tools/pairs.py check
	@$(PY) tools/address.py check

# The trainer's tests compile for minutes: they wait for make test.
unit: environment
	@$(PYTEST) -n $(WORKERS) --dist loadfile tests/unit tests/book/test_chapters.py \
	  tests/tools/test_requirements.py --ignore-glob="*test_training*"

# cosmic-ray gets an environment of its own; nothing else needs it.
mutation: environment ## Change the judge's and the trainer's code: do the tests notice? (CORE=trainer, SAMPLE=20)
	@$(UV) tool run --python "$$($(PY) -c 'import sys; print(sys._base_executable)')" \
	  --from "cosmic-ray==8.7.*" python tools/mutation.py $(CORE) $(if $(SAMPLE),--sample $(SAMPLE))

execute: environment ## Run the chapters and store their outputs (one: CHAPTER=01-beale)
	@$(PY) tools/execute.py $(CHAPTER)

seeds: environment ## See whether the claims of a chapter hold on 20 other seeds (CHAPTER=01-beale)
	@test -n "$(CHAPTER)" || { echo "Which chapter? make seeds CHAPTER=01-beale"; exit 1; }
	@$(PY) tools/seeds.py book/chapters/$(CHAPTER).md --seeds 20

times: environment ## Write into the text of the chapters how long they take (one: CHAPTER=01-beale)
	@$(PY) tools/execute.py --times $(CHAPTER)

# Two hours of one core, half of that with two. Interrupted, it goes on where it stood.
reproduce: environment ## Run the experiments of the sources at full scale (some: ONLY=D/dropout)
	@$(PY) tools/reproduce.py $(if $(ONLY),--only "$(ONLY)")
	@$(PY) tools/reproduce.py --page

# A quarter of an hour on a machine that does nothing else.
bench: environment ## Time training.fit beside model.fit, into results/bench.json
	@$(PY) tools/bench.py

sync: environment ## Write the text of the chapters' .md into their .ipynb, outputs kept
	@$(PY) tools/pairs.py sync $(CHAPTER)
	@$(PY) -m course_utils release all --out student

address: environment ## Write the address in _config.yml everywhere it has to appear
	@$(PY) tools/address.py write

requirements: $(if $(filter .venv/%,$(UV)),environment) ## Compile requirements.txt from pyproject.toml (newest: UPGRADE=1)
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --extra tensorflow \
	  --group book --group notebooks --group test --no-emit-index-url --quiet \
	  pyproject.toml -o requirements.txt $(if $(UPGRADE),--upgrade)

# VERSIONS=oldest or newest in the place of CONSTRAINTS takes what pyproject.toml admits.
colab: environment ## Rehearse Colab: chapters alone, against CONSTRAINTS=file (one: CHAPTER=01-beale)
	@$(PY) tools/colab.py --jobs $(WORKERS) $(if $(CONSTRAINTS),--constraints "$(CONSTRAINTS)") \
	  $(if $(VERSIONS),--versions $(VERSIONS)) $(CHAPTER)

serve: environment ## Show the site on this machine (PORT=8000)
	@test -f _build/html/index.html || $(PY) tools/site.py
	@echo "The site: http://127.0.0.1:$(PORT)/ (Ctrl-C ends it)"
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lab: environment ## Open the chapters in JupyterLab
	@$(PY) -m jupyterlab book/chapters

clean: ## Delete what was generated, but not .venv
	rm -rf _build build dist course_utils.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find book course_utils tests tools -name __pycache__ -prune -exec rm -rf {} +
	find book -name .ipynb_checkpoints -prune -exec rm -rf {} +

distclean: clean ## Delete .venv as well
	rm -rf .venv .venv.lock

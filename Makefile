# Everything runs from one virtual environment, which this file makes and keeps up to date.
#   make demo            the whole method on real text, in minutes
#   make space           the retrieval demo on what `make demo` left
#   make test lint       what CI runs

PYTHON ?= python3
VENV   ?= .venv
SEED   ?= 42
GROUP  ?= mediterranean
OUT    ?= runs/demo
# An encoder of your own, Hub id or folder; empty: a small one is trained first.
BASE   ?=
# What `make space` sets side by side.
BEFORE  = $(or $(BASE),$(OUT)/base)
AFTER   = $(OUT)/$(if $(BASE),aligned,mlm+seq+tlm)
# Room for more of the program's own options, e.g. DEMO_ARGS="--max-steps 100", PYTEST_ARGS="-k hub -x".
DEMO_ARGS   ?=
# E.g. BENCH_ARGS="--only step-12x256-fp32", BENCH_ARGS="--text my_text"; see python -m speed --help.
BENCH_ARGS  ?=
# Two processes with one thread each: OpenMP threads of neighbours would spin against each other.
PYTEST_ARGS ?= -n 2
TESTS       ?= tests
# Of `make soak`: bad inputs (with a hundredth of kills), and where it keeps its state and what went wrong.
N    ?= 2000
SOAK ?= runs/soak
SOAK_ARGS ?=
# 1: build the wheel and test that instead of the checkout.
WHEEL  ?= 0

BIN    := $(abspath $(VENV))/bin
EXTRAS := data,scale,train,eval,lora,figures,typology,cards,docs,dev
READY  := $(VENV)/.ready

# The retrieval demo has an environment of its own, as on the Hub. The tests look for its Python.
SPACE  ?= .venv-space
SPACE_READY := $(SPACE)/.ready
AUDIT  ?= .venv-audit
export SPACE_PYTHON ?= $(abspath $(SPACE))/bin/python
# They also test it in a browser. The fonts are for screenshots of all scripts.
BROWSER := chromium chromium-driver fonts-noto-core

.DEFAULT_GOAL := help
.PHONY: help venv venv-space browser demo demo-checkpoints bench soak space test test-wheel lint format docs wheel audit clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) \
	| awk -F':.*## *' '{printf "  make %-8s %s\n", $$1, $$2}'

venv: $(READY)  ## set up .venv from constraints.txt (other targets do it by themselves)

# The stamp is written last, so an interrupted installation is taken up again.
$(READY): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "error: $(PYTHON) is Python %d.%d, at least 3.11 is needed; use make PYTHON=python3.11" % v[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

demo: $(READY)  ## base, MLM only and full alignment side by side [SEED=42 GROUP=mediterranean OUT=runs/demo BASE=MODEL]
	$(BIN)/python -m translit_ppa.command_line demo --seed $(SEED) --group $(GROUP) --out $(OUT) $(if $(BASE),--base "$(BASE)") $(DEMO_ARGS)

venv-space: $(SPACE_READY)  ## set up .venv-space for the retrieval demo

$(SPACE_READY): hub_cards/space/requirements.txt hub_cards/space/constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "error: $(PYTHON) is Python %d.%d, the retrieval demo needs 3.11; use make PYTHON=python3.11" % v[:2])'
	test -x $(SPACE)/bin/python || $(PYTHON) -m venv $(SPACE)
	$(SPACE)/bin/python -m pip install --disable-pip-version-check -c hub_cards/space/constraints.txt -r hub_cards/space/requirements.txt
	@touch $@

# chromedriver, not chromium alone: selenium would fetch a driver from the network.
browser:  ## install the browser of the tests where it is missing and apt may be used
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null && exit 0; \
	root=; test "$$(id -u)" = 0 || root="sudo -n"; \
	command -v apt-get >/dev/null && $$root true 2>/dev/null \
	&& $$root apt-get update -qq \
	&& $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(BROWSER) >/dev/null \
	|| echo "no chromium: the tests of the retrieval demo in a browser skip; install $(BROWSER)" >&2

demo-checkpoints:
	@test \( -n "$(BASE)" -o -f "$(OUT)/base/config.json" \) -a -f "$(AFTER)/config.json" || { echo "error: $(OUT) holds no checkpoints; run make demo first, or give its folder and base: make space OUT=DIR BASE=MODEL" >&2; exit 2; }

space: demo-checkpoints $(READY) $(SPACE_READY)  ## the retrieval demo on the checkpoints of make demo [GROUP=mediterranean OUT=runs/demo BASE=MODEL]
	rm -rf "$(OUT)/space"
	HF_HUB_OFFLINE=1 $(BIN)/translit-ppa publish space local/demo --base "$(BEFORE)" --aligned "$(AFTER)" --group $(GROUP) --stage "$(OUT)/space" --dry-run
	cd "$(OUT)/space" && HF_HUB_OFFLINE=1 $(abspath $(SPACE))/bin/python app.py

bench: $(READY)  ## the authors' way and ours, timed alternately; needs an idle machine [BENCH_ARGS=...]
	$(BIN)/python -m speed $(BENCH_ARGS)

soak: $(READY)  ## kills, bad inputs, odd options, a broken Hub; goes on where it was [N=2000 SEED=42 SOAK=runs/soak]
	PYTHONPATH=tests/helpers $(BIN)/python -m soak --inputs $(N) --seed $(SEED) --folder $(SOAK) $(SOAK_ARGS)

ifeq ($(WHEEL),1)
test: test-wheel
else
test: $(READY) $(SPACE_READY) browser  ## run the tests [WHEEL=1 for the built wheel, TESTS=tests/modeling, PYTEST_ARGS=...]
	OMP_NUM_THREADS=1 $(BIN)/pytest $(PYTEST_ARGS) $(TESTS)
endif

# The tests and the pages that they run are copied away, so that the checkout cannot be imported by accident. The stamp goes
# first and comes back with the editable install: a broken run cannot leave a stale wheel behind.
test-wheel: wheel $(SPACE_READY) browser
	rm -f $(READY)
	$(BIN)/python -m pip uninstall --yes --quiet translit-ppa
	$(BIN)/python -m pip install --quiet --no-deps --force-reinstall dist/*.whl
	@away=$$(mktemp -d) && cp -R tests docs README.md CONTRIBUTING.md "$$away" && status=0; \
	(cd "$$away" && OMP_NUM_THREADS=1 $(BIN)/pytest -c $(CURDIR)/setup.cfg --rootdir "$$away" -o pythonpath=tests/helpers $(PYTEST_ARGS) $(TESTS)) || status=$$?; \
	rm -rf "$$away"; \
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . && touch $(READY); \
	exit $$status

lint: $(READY)  ## ruff and mypy, nothing is changed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# As installed: mypy follows no mapping of folders to names.
	rm -rf .mypy_house && mkdir -p .mypy_house/translit_ppa && ln -s ../speed .mypy_house/
	cd .mypy_house/translit_ppa && ln -s ../../translit_ppa/* ../../modeling ../../data_builders ../../hub_cards .
	cd .mypy_house && $(BIN)/mypy --config-file ../setup.cfg

format: $(READY)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## the API reference from the docstrings, in build/docs
	$(BIN)/python docs/make_reference.py build/docs

# From the sdist, not from the tree: a file that setuptools forgot is then missing at once, and
# leftovers in build/ cannot slip in.
wheel: $(READY)  ## build dist/*.tar.gz and dist/*.whl
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

# An environment of its own: what looks for vulnerabilities should not decide what is installed.
audit:  ## ask a database of known vulnerabilities about constraints.txt; needs the network
	test -x $(AUDIT)/bin/pip-audit || { $(PYTHON) -m venv $(AUDIT) && $(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7'; } \
	|| { echo "error: pip-audit cannot be installed; make audit needs the network" >&2; exit 2; }
	@# --strict: without it a package that could not be looked up is skipped, with status 0.
	$(AUDIT)/bin/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip \
	|| { echo "error: a package has a known vulnerability, or could not be looked up (make audit needs the network); see above" >&2; exit 2; }

clean:  ## remove builds and caches; .venv and runs/ stay
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

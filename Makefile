# What a person types. Each target says what it runs; `make` alone lists them.

SWIFT ?= swift
# Everything that swift-format checks; folders that do not exist yet are left out.
SOURCES = $(wildcard Package.swift Sources Modalities Datasets Examples Tests Benchmarks)

.PHONY: help setup build demo test faults bench format lint docs clean

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

setup: ## packages and libtorch, where they are missing
	@scripts/setup

build: setup ## the release build of duel
	$(SWIFT) build -c release --product duel

demo: build ## from an empty folder to generated samples, in demo/
	$(SWIFT) run -c release --skip-build duel demo --out demo

test: setup ## every test
	$(SWIFT) test --disable-xctest

faults: build ## hundreds of kills, full disks and damaged files, for half an hour or more; see docs/reliability.md
	python3 scripts/faults

bench: build ## Duel beside PyTorch, with PYTHON=a Python that has torch; see Benchmarks/README.md
	OMP_WAIT_POLICY=passive $(SWIFT) run -c release audio-benchmark $(if $(PYTHON),--python $(PYTHON))
	OMP_WAIT_POLICY=passive $(SWIFT) run -c release text-benchmark $(if $(PYTHON),--python $(PYTHON))
	OMP_WAIT_POLICY=passive $(SWIFT) run -c release points-benchmark $(if $(PYTHON),--python $(PYTHON))
	OMP_WAIT_POLICY=passive $(SWIFT) run -c release default-benchmark $(if $(PYTHON),--python $(PYTHON))
	$(SWIFT) run -c release start-benchmark $(if $(PYTHON),--python $(PYTHON))

format: ## rewrite the sources in the house's style
	$(SWIFT) format format --in-place --parallel --recursive $(SOURCES)

lint: ## complain about whatever `make format` or a person should change
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

docs: setup ## check and gather the documentation of the libraries in .build/documentation
	scripts/build-docs

clean: ## remove the builds; .libtorch stays
	rm -rf .build Tests/Embedding/.build

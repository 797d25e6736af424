.PHONY: help build demo test fuzz benchmark lint format clean

SWIFT_FILES = Sources Tests Package.swift Examples
FORMAT_OPTIONS = --recursive --configuration .swift-format

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the library and the command, optimised
	@Scripts/install-dependencies.sh
	swift build -c release

demo: ## Train, classify, explain and verify on a small data set
	@Scripts/demo.sh

test: ## Lint, build and run every test, fetching what they need
	@Scripts/test.sh

SECONDS = 60
fuzz: ## Fuzz every reader of files from outside (SECONDS=60 for each)
	@Scripts/fuzz.sh $(SECONDS)

benchmark: ## Compare speed with PyTorch, ONNX Runtime, OpenVINO, networkx (Examples/benchmarks)
	@Examples/benchmarks/run.sh $(ARGUMENTS)

lint: ## Check the format of all Swift files
	swift format lint --strict $(FORMAT_OPTIONS) $(SWIFT_FILES)

format: ## Format all Swift files in place
	swift format format --in-place $(FORMAT_OPTIONS) $(SWIFT_FILES)

clean: ## Remove what was built
	swift package clean

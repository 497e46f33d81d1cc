# Weft's front door. Anything longer than a few lines lives in scripts/; everything built goes to out/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# dotnet builds share out/obj, so two of them must not run at once.
.NOTPARALLEL:

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

BINARIES := out/weft-cni out/weft-agent out/weft-operator out/weft-probe out/weft out/weft-lab
SETTINGS := Directory.Build.props Directory.Packages.props global.json
# Folders are listed too: their time changes when a file comes or goes.
sources = $(shell find $(1) -type d -o -name '*.cs' -o -name '*.csproj' -o -name '*.[ch]' -o -name '*.json' -o -name '*.txt')

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 22

setup: setup-build setup-lab setup-kernels ## install what is missing on Debian or Ubuntu (apt-get, root)

setup-%:
	@scripts/setup.sh $*

build: $(BINARIES) ## weft-cni, weft-agent, weft-operator, weft-probe, weft and weft-lab in out/

out/bpf/weft.bpf.o: $(call sources,bpf) | setup-build
	scripts/compile-bpf.sh bpf/weft.bpf.c $@

# binary NAME, FOLDER, other folders it is made of
define binary
out/$(1): $(call sources,lib $(2) $(3)) $(SETTINGS) out/bpf/weft.bpf.o | setup-build
	scripts/publish.sh $(2) $$@
endef
$(eval $(call binary,weft-cni,cni))
$(eval $(call binary,weft-agent,agent))
$(eval $(call binary,weft-operator,operator))
$(eval $(call binary,weft-probe,probe))
$(eval $(call binary,weft,cli,lab/Weft.Lab))
$(eval $(call binary,weft-lab,lab/Weft.Lab.Daemon,lab))

image-root: out/weft-agent out/weft-operator out/weft-cni out/weft-probe out/weft ## the image's root file system, in out/image
	scripts/image-root.sh out/image

demo: build setup-lab ## a two-node cluster on this machine, and traffic through it (root)
	scripts/demo.sh

test: build setup ## every check and test there is; ends with one line that sums them (root)
	scripts/test.sh format unit bpf e2e kind kernels

test-unit: out/bpf/weft.bpf.o ## pure logic, no root
	scripts/test.sh unit

test-bpf: out/bpf/weft.bpf.o setup-lab ## the datapath on this machine's kernel (root)
	scripts/test.sh bpf

test-e2e: build setup-lab ## a whole cluster in network namespaces (root)
	scripts/test.sh e2e

test-kind: build setup-lab ## what must hold on any cluster, on that of KUBECONFIG, or on a lab (root)
	scripts/test.sh kind

test-kernels: build setup-kernels ## the datapath on Debian's kernels 6.1, 6.12 and the newest, in qemu
	scripts/test.sh kernels

bench: build setup-lab ## measurements against the reference plugins, PARTS=name,... for some (root)
	bench/run.sh $(if $(PARTS),--only $(PARTS))

crds: out/weft-operator ## write the chart's CustomResourceDefinitions
	out/weft-operator crds --directory charts/weft/crds

format: setup-build ## lay out C#, project files and BPF C
	scripts/format.sh

clean: ## remove out/
	rm -rf out

.PHONY: help setup build image-root demo test test-unit test-bpf test-e2e test-kind test-kernels bench crds format clean

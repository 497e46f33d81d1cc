#!/usr/bin/env bash
# mirror.sh: the Debian mirror this machine's own apt is configured with; nothing if it has none.
set -euo pipefail

# The base suite's main component: not security, not another vendor's repository.
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null |
	awk -v codename="$(. /etc/os-release && echo "${VERSION_CODENAME-}")" '
		$3 == "main" && ($2 == codename || $2 ~ /^(stable|testing|unstable|sid)$/) && $4 == "Debian" { print $1; exit }'

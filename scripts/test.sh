#!/usr/bin/env bash
# test.sh SUITE...: runs each suite, whatever became of the one before, and ends with one line that sums them.
# Suites: format, kernels, and the folders of tests/ that hold a test program.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

needs_root=" bpf e2e kind "
logs=out/test
mkdir -p "$logs"

run_project() {
	local project
	project=$(basename tests/"$1"/*.csproj .csproj)
	dotnet build tests/"$1" -c Release --nologo -v quiet -tl:off -clp:ErrorsOnly &&
		timeout --foreground --kill-after=10 20m "out/obj/bin/$project/release/$project" -noColor -noLogo
}

# On the cluster that KUBECONFIG names, else on a lab of its own.
run_kind() (
	if [[ ! ${KUBECONFIG-} ]]; then
		lab=/var/tmp/weft-kind-$$
		trap 'out/weft lab down --dir "$lab"' EXIT
		out/weft lab up --nodes 2 --dir "$lab" || exit
		export KUBECONFIG=$lab/kubeconfig WEFT_TEST_IMAGE=host WEFT_TEST_PROBE=$PWD/out/weft-probe
	fi
	run_project kind
)

run_suite() {
	local suite=$1
	if [[ $needs_root == *" $suite "* ]] && ((EUID)); then
		printf '    %s [SKIP]\n      needs root\nTotal: 1, Errors: 0, Failed: 0, Skipped: 1\n' "$suite"
		return
	fi
	case $suite in
	format)
		scripts/format.sh --check
		echo "Total: 1, Errors: 0, Failed: $(($? != 0)), Skipped: 0"
		;;
	kernels) scripts/kernels.sh ;;
	kind) run_kind ;;
	*) run_project "$suite" ;;
	esac
}

# A suite's last line of counts, as xunit prints it: passed, failed, skipped.
counts() {
	local log=$1 status=$2 total errors failed skipped
	read -r total errors failed skipped < <(
		grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 | tr -dc '0-9 '
	)
	failed=$((failed + errors))
	# A suite that ran nothing, was killed after its tests went well, or crashed before it could count: never a pass.
	((total && status == 0 || failed)) || ((total++, failed++))
	echo "$((total - failed - skipped)) $failed $((skipped))"
}

# Why tests were skipped, which xunit says in the indented lines below a name: each reason with the number of its tests.
# shellcheck disable=SC2016
skip_reasons='
	function close_test() { if (open) print reason; open = 0 }
	/^    [^ ].*\[SKIP\]$/ { close_test(); reason = ""; open = 1; next }
	open && /^      / { sub(/^ +/, reason ? " " : ""); reason = reason $0; next }
	{ close_test() }
	END { close_test() }'

# A failed test's name and the first lines of what it said.
# shellcheck disable=SC2016
failures='
	/^    [^ ].*\[FAIL\]$/ { print; left = 30; next }
	left && /^      / { print; left--; next }
	{ left = 0 }'

passed=0 failed=0 skipped=0 table="" skips="" failures_said=""
for suite; do
	log=$logs/$suite.log
	echo "== $suite"
	SECONDS=0
	run_suite "$suite" 2>&1 </dev/null | tee "$log"
	status=${PIPESTATUS[0]}
	read -r p f s < <(counts "$log" "$status")
	((passed += p, failed += f, skipped += s))
	table+=$(printf '%-8s %4d passed %4d failed %4d skipped %5ds' "$suite" "$p" "$f" "$s" "$SECONDS")$'\n'
	skips+=$(awk "$skip_reasons" "$log" | sort | uniq -c | sed "s/^ */  $suite: /")$'\n'
	failures_said+=$(awk "$failures" "$log")$'\n'
done

# say TITLE LINES: the lines under their title, nothing when there are none.
say() {
	local lines
	lines=$(sed '/^$/d' <<<"$2")
	[[ ! $lines ]] || printf '\n%s\n%s\n' "$1" "$lines"
}

say Skipped: "$skips"
say Failed: "$failures_said"
printf '\n%s\n' "$table"
echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
((failed == 0))

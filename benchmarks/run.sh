#!/usr/bin/env bash
# Measures one or more checkouts of this project side by side; README.md says what each figure means.
set -euo pipefail
shopt -s inherit_errexit

usage() {
    cat <<'TEXT'
benchmarks/run.sh [OPTIONS] [NAME=]CHECKOUT...

Runs the same commands with each checkout in turn (A B A B ...) and prints a Markdown table. Checkouts are built first, in Release.
  benchmarks/run.sh old=../old new=.
  benchmarks/run.sh --measure predict --runs 9 .

  --measure LIST  What to measure, with commas between. Default: first,train,predict,folder,size,pieces
                    first    the first command of README.md, built, with an empty cache
                    fresh    the same in a fresh clone of the checkout's HEAD, restore and build included
                    train    a CNN on four actors of RAVDESS: clips a second, peak memory
                    predict  one clip in a new process
                    folder   480 clips to a .jsonl file
                    size     what lies in the console's output folder
                    publish  what `dotnet publish` makes
                    pieces   BenchmarkDotNet over features, FFT, resampling and FLAC
  --runs N        Runs of each command and checkout. Default: 5
  --demo          Synthetic clips in place of RAVDESS
  --keep DIR      Work in this folder and leave it: logs, models, samples.tsv. Default: a temporary folder, removed at the end
  --no-build      Take the checkouts as they are built

RAVDESS is looked for in ../shared/corpora beside this checkout, or below the folder that SER_SHARED names.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() { say "run.sh: $*"; exit 1; }
wrong() { say "run.sh: $*"; say "run.sh --help lists the options."; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
measures=first,train,predict,folder,size,pieces runs=5 demo=false keep='' build=true
names=() folders=()
while [ $# -gt 0 ]; do
    case $1 in
        --measure | --runs | --keep) [ -n "${2-}" ] || wrong "$1 needs a value" ;;&
        --measure) measures=${2-}; shift 2 ;;
        --runs) runs=${2-}; shift 2 ;;
        --keep) keep=${2-}; shift 2 ;;
        --demo) demo=true; shift ;;
        --no-build) build=false; shift ;;
        -h | --help) usage; exit 0 ;;
        -*) wrong "there is no option $1" ;;
        *)
            name='' folder=$1
            if [ ! -d "$folder" ] && [[ $1 == *=* ]]; then name=${1%%=*} folder=${1#*=}; fi
            [ -f "$folder/SerPipeline.Console/SerPipeline.Console.csproj" ] || wrong "$folder is no checkout: it has no SerPipeline.Console"
            folder=$(cd "$folder" && pwd)
            [ -n "$name" ] || name=$(basename "$folder")
            for other in ${names[@]+"${names[@]}"}; do [ "$other" != "$name" ] || wrong "two checkouts are called $name; write A=DIR B=DIR"; done
            names+=("$name") folders+=("$folder")
            shift ;;
    esac
done
[ ${#folders[@]} -gt 0 ] || { usage >&2; exit 2; }
[[ $runs =~ ^[1-9][0-9]*$ ]] || wrong "--runs must be a whole number above 0, not $runs"
for measure in ${measures//,/ }; do
    case $measure in first | fresh | train | predict | folder | size | publish | pieces) ;; *) wrong "there is no measurement $measure" ;; esac
done
wanted() { [[ ,$measures, == *,$1,* ]]; }
[ "$(/usr/bin/time -f %M true 2>&1)" -gt 0 ] 2> /dev/null || die "GNU time is needed as /usr/bin/time (Debian: apt-get install time)"

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    work=$(cd "$keep" && pwd)
    [ -z "$(ls -A "$work")" ] || wrong "$work is not empty"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
samples=$work/samples.tsv
: > "$samples"
# No build leaves a server behind from which the next checkout's would gain.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
unset "${!SER_TRAIN__@}" "${!SER_PREDICT__@}" SER_CACHE 2> /dev/null || true

# sample MEASUREMENT UNIT CHECKOUT VALUE
sample() { printf '%s|%s\t%s\t%s\n' "$1" "$2" "${names[$3]}" "$4" >> "$samples"; }

# timed CHECKOUT FOLDER COMMAND...: runs it there with the checkout's own cache; then $wall, $cpu in seconds and $peak in MB.
timed() {
    local checkout=$1 folder=$2 log=$work/log-${names[$1]}.txt status=0
    shift 2
    (cd "$folder" && SER_CACHE="$work/cache-$checkout" /usr/bin/time -o "$work/time.txt" -f '%e %U %S %M' "$@") > "$log" 2>&1 < /dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$log" >&2
        die "exit code $status in ${names[$checkout]}: $*"
    fi
    local user system kilobytes
    read -r wall user system kilobytes < <(tail -n 1 "$work/time.txt")
    cpu=$(awk "BEGIN { print $user + $system }") peak=$(awk "BEGIN { print $kilobytes * 1024 / 1e6 }")
}

# each WHAT FUNCTION: calls FUNCTION CHECKOUT RUN for all checkouts, then for all again.
each() {
    local what=$1 function=$2 run checkout
    for ((run = 1; run <= runs; run++)); do
        for checkout in "${!folders[@]}"; do
            say "$what, run $run of $runs: ${names[$checkout]}"
            "$function" "$checkout" "$run"
        done
    done
}

loadBefore=$(cut -d' ' -f1 /proc/loadavg)
if awk "BEGIN { exit !($loadBefore > 0.5) }"; then say "The machine is busy (load $loadBefore): times will be too long, rates too low."; fi
for checkout in "${!folders[@]}"; do
    folder=${folders[$checkout]}
    if $build; then
        say "Building ${names[$checkout]}: $folder"
        timed "$checkout" "$folder" dotnet build SerPipeline.Console -c Release -v q
    fi
    programs=("$folder"/SerPipeline.Console/bin/Release/*/ser)
    [ -x "${programs[0]}" ] || die "$folder has no SerPipeline.Console/bin/Release/*/ser; leave out --no-build"
    program[checkout]=${programs[0]}
done

. "$here/measurements.sh"

say ""
echo "$(date -u +%F), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p;' /proc/cpuinfo | sed -n 1p), load $loadBefore before and $(cut -d' ' -f1 /proc/loadavg) after."
for checkout in "${!folders[@]}"; do
    commit=$(git -C "${folders[$checkout]}" log -1 --format=%h 2> /dev/null || echo "no commit")
    changed=$(git -C "${folders[$checkout]}" status --porcelain 2> /dev/null | sed -n 1p)
    echo "${names[$checkout]}: commit $commit${changed:+ with changes}."
done
echo
CHECKOUTS=$(printf '%s\n' "${names[@]}") awk -f "$here/table.awk" "$samples"

# The measurements of run.sh, which reads this file. Each uses what docs/console.md promises of the console, and nothing else.

shared=${SER_SHARED:-$here/../../shared}
if [ -d "$shared" ]; then shared=$(cd "$shared" && pwd); fi
ravdess=$shared/corpora/RAVDESS

first() {
    rm -rf "$work/cache-$1" "$work/run-$1"
    timed "$1" "${folders[$1]}" dotnet run --project SerPipeline.Console -c Release -- train --out "$work/run-$1"
    sample "first command, built" s "$1" "$wall"
    sample "first command, processor time" s "$1" "$cpu"
    sample "first command, peak memory" MB "$1" "$peak"
}

fresh() {
    rm -rf "$work/cache-$1" "$work/run-$1" "$work/clone-$1"
    git clone -q "${folders[$1]}" "$work/clone-$1"
    timed "$1" "$work/clone-$1" dotnet run --project SerPipeline.Console -c Release -- train --out "$work/run-$1"
    sample "first command in a fresh clone" s "$1" "$wall"
    rm -rf "$work/clone-$1"
}

# The clips of the first N actors. Copied, so that it makes no difference how a checkout takes links.
actors() {
    local number
    mkdir -p "$work/clips-$1"
    for number in $(seq -f %02g 1 "$1"); do cp -r "$ravdess/Actor_$number" "$work/clips-$1/"; done
}

# prepare: the clips to train and to predict on. The first checkout makes the synthetic ones, named as RAVDESS names its own, and all read them.
prepare() {
    if ! $demo; then
        actors 4
        actors 8
    else
        timed 0 "$work" "${program[0]}" synth --out "$work/clips-4" --speakers 4 --clips 8
        timed 0 "$work" "${program[0]}" synth --out "$work/clips-8" --speakers 12 --clips 5
    fi
    oneClip=$(find "$work/clips-4" -name '*.flac' -o -name '*.wav' | sort | sed -n 1p)
    [ -n "$oneClip" ] || die "no clips in $work/clips-4"
}

# fit CHECKOUT EPOCHS: a CNN on three of the four speakers; leaves run-CHECKOUT/model.zip.
fit() {
    rm -rf "$work/run-$1"
    timed "$1" "$work" "${program[$1]}" train --corpus ravdess --data "$work/clips-4" --trainer cnn --protocol speaker --test-speakers 4 \
        --validation-fraction 0 --early-stopping none --seed 42 --epochs "$2" --out "$work/run-$1"
    trainClips=$(grep -o '"trainClips": *[0-9]*' "$work/run-$1/metrics.json" | sed -n 1p | grep -o '[0-9]*$')
}

# The same training with few and with many epochs: the difference is training alone, without start, reading, test and report.
few=2 many=22
train() {
    fit "$1" $few
    local short=$wall shortCpu=$cpu rate cpuRate
    fit "$1" $many
    rate=$(awk "BEGIN { t = $wall - $short; print (t > 0 ? $trainClips * ($many - $few) / t : 0) }")
    cpuRate=$(awk "BEGIN { t = $cpu - $shortCpu; print (t > 0 ? $trainClips * ($many - $few) / t : 0) }")
    [ "$rate" != 0 ] && [ "$cpuRate" != 0 ] || die "$many epochs took no longer than $few: is the machine busy?"
    sample "CNN training" clips/s "$1" "$rate"
    sample "CNN training, a second of one processor" clips/s "$1" "$cpuRate"
    sample "CNN training, $few epochs in all" s "$1" "$short"
    sample "CNN training, $many epochs in all" s "$1" "$wall"
    sample "CNN training, $many epochs, processor time" s "$1" "$cpu"
    sample "CNN training, peak memory" MB "$1" "$peak"
}

predict() {
    timed "$1" "$work" "${program[$1]}" predict --model "$work/model-$1.zip" "$oneClip" --json
    grep -q '^{.*probabilit' "$work/log-${names[$1]}.txt" || { cat "$work/log-${names[$1]}.txt" >&2; die "${names[$1]} predicted nothing"; }
    [ "$2" -gt 0 ] || return 0
    sample "one clip predicted" s "$1" "$wall"
    sample "one clip predicted, processor time" s "$1" "$cpu"
    sample "one clip predicted, peak memory" MB "$1" "$peak"
}

folder() {
    local out=$work/predictions-$1.jsonl clips
    rm -f "$out" "$out".*
    timed "$1" "$work" "${program[$1]}" predict --model "$work/model-$1.zip" "$work/clips-8" -o "$out"
    clips=$(wc -l < "$out")
    [ "$clips" -eq 480 ] || die "${names[$1]} wrote $clips lines for 480 clips"
    [ "$2" -gt 0 ] || return 0
    sample "480 clips predicted" s "$1" "$wall"
    sample "480 clips predicted, processor time" s "$1" "$cpu"
    sample "480 clips predicted, peak memory" MB "$1" "$peak"
}

# weigh MEASUREMENT CHECKOUT FOLDER
weigh() {
    sample "$1, size" MB "$2" "$(du -sb "$3" | awk '{ print $1 / 1e6 }')"
    sample "$1, files" files "$2" "$(find "$3" -type f | wc -l)"
}

publish() {
    timed "$1" "${folders[$1]}" dotnet publish SerPipeline.Console -c Release -v q -o "$work/publish-$1"
    weigh "published console" "$1" "$work/publish-$1"
    rm -rf "$work/publish-$1"
}

# The benchmarks of this checkout over the library of each, built outside all of them.
buildPieces() {
    timed "$1" "$work" dotnet build "$here/SerPipeline.Benchmarks" -c Release -v q --artifacts-path "$work/pieces-$1" \
        -p:Checkout="${folders[$1]}" -p:DirectoryPackagesPropsPath="${folders[$1]}/Directory.Packages.props" -p:OtherCheckout=true
    pieces[$1]=$work/pieces-$1/bin/SerPipeline.Benchmarks/release/SerPipeline.Benchmarks
}

pieces() {
    rm -f "$work/pieces.tsv"
    SER_SHARED=$shared timed "$1" "$work" "${pieces[$1]}" "$work/pieces.tsv"
    local key value
    while IFS=$'\t' read -r key value; do sample "${key%|*}" "${key##*|}" "$1" "$value"; done < "$work/pieces.tsv"
}

if wanted fresh; then each "First command in a fresh clone" fresh; fi
if wanted first; then each "First command" first; fi
if wanted train || wanted predict || wanted folder; then
    if ! $demo && [ ! -d "$ravdess/Actor_08" ]; then
        say "Skipped train, predict and folder: RAVDESS is not in $ravdess. Set SER_SHARED to the folder that holds corpora/RAVDESS, or give --demo."
    else
        prepare
        for checkout in "${!folders[@]}"; do
            say "Model of ${names[$checkout]}, and its features into its cache; not counted"
            fit "$checkout" $few
            cp "$work/run-$checkout/model.zip" "$work/model-$checkout.zip"
        done
        if wanted train; then each "CNN training, $few and $many epochs" train; fi
        # Run 0 reads programs and clips into the system's file cache.
        if wanted predict; then
            for checkout in "${!folders[@]}"; do predict "$checkout" 0; done
            each "One clip" predict
        fi
        if wanted folder; then
            for checkout in "${!folders[@]}"; do folder "$checkout" 0; done
            each "480 clips" folder
        fi
    fi
fi
if wanted pieces; then
    for checkout in "${!folders[@]}"; do
        say "Building the benchmarks over ${names[$checkout]}"
        buildPieces "$checkout"
    done
    each "Pieces" pieces
fi
for checkout in "${!folders[@]}"; do
    if wanted size; then weigh "console's output folder" "$checkout" "$(dirname "${program[$checkout]}")"; fi
    if wanted publish; then
        say "Publishing ${names[$checkout]}"
        publish "$checkout"
    fi
done

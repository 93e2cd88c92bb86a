#!/usr/bin/env bash
# Times `merit run` beside other programs on one workload: benches/peers.sh [1k|100k|1m] [ROUNDS] [NAMES…]
#
# The other programs, their data and how they are timed lie in a folder beside the clone (PEERS names another); a copy of it is
# made below target/. Prints tables in Markdown: medians, ratios, and whether the outputs are the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
size=${1:-100k} rounds=${2:-5}
names=("${@:3}")
peers=${PEERS:-../shared/bench}
if [ ! -d "$peers" ]; then
    echo "skipped: there is no folder $peers with the other programs" >&2
    exit 0
fi
if [ ${#names[@]} = 0 ]; then
    names=(Merit/ sol/ 'DuckDB/SQL, typed columns' 'Polars/lazy, streaming' JSONL)
    # The output that all are compared with; a million leads take it a minute and a half.
    [ "$size" = 1m ] || names+=('plain Python/csv')
fi
cargo build --locked --release --quiet
merit=$PWD/target/release/merit
scratch=$PWD/target/peers
mkdir -p "$scratch"
cp -r "$peers/." "$scratch"
cd "$scratch"
run="$merit run b2b.merit"
rest='--as-of 2025-06-30T00:00:00Z --quiet -o {O}'
{
    printf 'Merit\tscore and stage\t2\tend to end, CSV to CSV\t%s {L} --events {E} --columns lead_id,score,stage %s\n' "$run" "$rest"
    printf 'Merit\tscore and stage\t1\tend to end, CSV to CSV\ttaskset -c 0 %s {L} --events {E} --columns lead_id,score,stage %s\n' "$run" "$rest"
    printf 'Merit\tusual columns\t2\tend to end, CSV to CSV\t%s {L} --events {E} %s\n' "$run" "$rest"
    printf 'Merit\tscore and stage, from JSON Lines\t2\tend to end, JSONL to CSV\t%s {J} --columns lead_id,score,stage %s\n' "$run" "$rest"
} >> contenders.tsv
./run.sh setup
rm -f results/raw.jsonl
python3 bench.py run "$size" "$rounds" "${names[@]}"
python3 bench.py table "$size"

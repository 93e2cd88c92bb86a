#!/usr/bin/env bash
# Times whole runs of `merit run` over files: benches/files.sh MODEL FOLDER [ROUNDS]
#
# FOLDER holds leads.csv and events.csv, perhaps leads.jsonl. Prints a Markdown table: seconds of the clock and of the
# processor, and peak memory. On a busy machine trust the processor.
set -euo pipefail
model=$1 folder=$2 rounds=${3:-3}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --locked --release --quiet
out=$(mktemp)
trap 'rm -f "$out"' EXIT
as_of=${AS_OF:-2025-06-30T00:00:00Z}

measure() {
    local name=$1
    shift
    for _ in $(seq "$rounds"); do
        command time -f "| $name | %e | %U + %S | %M |" target/release/merit run "$model" "$@" --as-of "$as_of" --quiet -o "$out"
    done
}

echo '| run | seconds | processor, own + kernel | peak memory, kB |'
echo '| --- | --- | --- | --- |'
measure 'CSV, three columns' "$folder/leads.csv" --events "$folder/events.csv" --columns lead_id,score,stage
measure 'CSV, usual columns' "$folder/leads.csv" --events "$folder/events.csv"
measure 'CSV, no activity' "$folder/leads.csv" --columns lead_id,score,stage
if [ -f "$folder/leads.jsonl" ]; then
    measure 'JSON Lines, three columns' "$folder/leads.jsonl" --columns lead_id,score,stage
fi

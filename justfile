# `just check` is exactly what CI runs. Everything here is one plain command, so just itself is not needed.

# All tests
check:
    ./check

# The tests whose name holds a word: just test docs
test WORD:
    cargo test --locked --test main {{WORD}}

# Writes snapshots, drawn reports and the list of codes anew; look at the difference before you commit it
renew:
    MERIT_RENEW=1 cargo test --locked --test main

# The program, as it is handed out
build:
    cargo build --locked --release

# The measurements in memory
bench:
    cargo bench --locked

# Whole runs beside other programs: just bench-peers 100k 5
bench-peers SIZE="100k" ROUNDS="5":
    benches/peers.sh {{SIZE}} {{ROUNDS}}

# The measurements of whole runs: just bench-files MODEL FOLDER, with leads.csv and events.csv in it
bench-files MODEL FOLDER:
    benches/files.sh {{MODEL}} {{FOLDER}}

#!/usr/bin/env bash
# Runs queries on other engines: DuckDB, PostgreSQL and Spark, packages for dbt on the first two, and `--verify` on PostgreSQL.
# `./check engines` calls it.
#
# Installs what is not there: Debian's PostgreSQL and Java where it may, the Python packages into target/engines. Everything is
# started on free ports of this machine, and stopped at the end. How many random models are tried, of which each engine can run about
# half: MERIT_DUCKDB, MERIT_POSTGRES, MERIT_SPARK; MERIT_SEED says where to begin. `./check engines duckdb dbt` runs these alone, so that
# a long run is `MERIT_DUCKDB=100000 ./check engines duckdb`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=tests/engines work=$PWD/target/engines asked=$*
mkdir -p "$work"

say() { printf 'engines: %s\n' "$*" >&2; }

install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        say "there is no $1. Install it and try again: sudo apt-get install $1"
        exit 2
    fi
    say "installing $1"
    export DEBIAN_FRONTEND=noninteractive
    [ -n "${updated:-}" ] || { apt-get update -q; updated=1; }
    apt-get install -q -y --no-install-recommends "$@" > /dev/null
}

# The server's programs are not on the path; making a cluster at once, as Debian does, is not wanted.
server() { compgen -G "/usr/lib/postgresql/*/bin/$1" | sort -V | tail -n 1; }
[ -n "$(server initdb)" ] || install postgresql
command -v java > /dev/null || install default-jre-headless
command -v python3 > /dev/null || install python3
python3 -m venv --help > /dev/null 2>&1 && python3 -c 'import ensurepip' 2> /dev/null || install python3-venv

# The packages that were tried; a list that changes is installed anew.
python=$work/python/bin/python
if ! cmp -s "$here/requirements.txt" "$work/installed.txt"; then
    say "installing the Python packages of $here/requirements.txt"
    python3 -m venv "$work/python"
    "$python" -m pip install -q --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$work/installed.txt"
fi

# A server of our own, on a free port, as somebody who is not root.
data=$(mktemp -d)
as_user() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$data" "$@"; else "$@"; fi; }
stop() {
    as_user "$(server pg_ctl)" -D "$data/db" -m immediate stop > /dev/null 2>&1 || true
    rm -rf "$data"
}
trap stop EXIT
[ "$(id -u)" != 0 ] || chown postgres "$data"
PGPORT=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PGHOST=127.0.0.1 PGPORT PGUSER=merit PGDATABASE=postgres PGPASSWORD=none
as_user "$(server initdb)" -D "$data/db" -U merit --auth=trust --encoding=UTF8 --locale=C.UTF-8 > /dev/null
options="-p $PGPORT -k $data -c listen_addresses=127.0.0.1 -c fsync=off"
as_user "$(server pg_ctl)" -D "$data/db" -w -o "$options" -l "$data/log" start > /dev/null

cargo build --locked --quiet
compare() {
    local engine=$1 cases=$2 script=${3:-run.py}
    # The cases go through a pipe: a long run has more of them than a disk may have room for.
    local pipe=$work/$engine.jsonl
    rm -f "$pipe"
    mkfifo "$pipe"
    {
        made=0
        MERIT_SQL_CASES=$pipe MERIT_SQL_DIALECT=$engine MERIT_CASES=$cases \
            cargo test --locked --quiet --test main -- sql::cases_for_other_engines || made=1
        # Who still waits for a first case reads that there is none.
        timeout 2 sh -c ': > "$0"' "$pipe" || true
        exit $made
    } > "$work/$engine.cases.log" 2>&1 &
    local cases_are_made=$!
    # Spark has much to say.
    if ! "$python" "$here/$script" "$engine" "$pipe" 2> "$work/$engine.log"; then
        tail -n 50 "$work/$engine.log" >&2
        kill "$cases_are_made" 2> /dev/null || true
        return 1
    fi
    wait "$cases_are_made" || { tail -n 50 "$work/$engine.cases.log" >&2; return 1; }
}
is_asked() { [ -z "$asked" ] || [[ " $asked " = *" $1 "* ]]; }
if is_asked duckdb; then compare duckdb "${MERIT_DUCKDB:-1000}"; fi
if is_asked postgres; then compare postgres "${MERIT_POSTGRES:-400}"; fi
if is_asked spark; then compare spark "${MERIT_SPARK:-45}"; fi
if is_asked snowflake; then compare snowflake 100 parse.py; fi
if is_asked bigquery; then compare bigquery 100 parse.py; fi
merit=${CARGO_TARGET_DIR:-target}/debug/merit
if is_asked dbt; then "$python" "$here/dbt.py" "$merit" "$work/python/bin/dbt" duckdb postgres; fi
if is_asked verify; then "$here/verify.sh" "$merit"; fi

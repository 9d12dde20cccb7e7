#!/bin/sh
# Opens the index file given in every DuckDB line that the published index promises to work in, each in a virtual
# environment of its own, and counts the rows of each table and view. Without a file: only makes the environments and
# prints DUCKDB_PYTHONS, by which the test suite finds them.
#
#   .ci/duckdb-versions.sh archive/index.duckdb
#   DUCKDB_PYTHONS=$(.ci/duckdb-versions.sh) make test
set -eu

versions="1.4.4 1.5.5 2.0.0"
folder=${DUCKDB_VENVS:-"$(dirname "$0")/../.venv/duckdb"}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

pythons=
for version in $versions; do
    python=$folder/$version/bin/python
    if ! "$python" -c "import duckdb" 2>/dev/null; then
        python3 -m venv "$folder/$version" >&2
        "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" >&2
    fi
    pythons=${pythons:+$pythons:}$python
done

if [ $# -eq 0 ]; then
    echo "$pythons"
    exit
fi

for version in $versions; do
    "$folder/$version/bin/python" - "$1" <<'PYTHON'
import sys

import duckdb

with duckdb.connect(sys.argv[1], read_only=True) as connection:
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
    ).fetchall()
    counts = {name: connection.execute(f"SELECT count(*) FROM (SELECT * FROM {name})").fetchone()[0] for (name,) in names}
print(duckdb.__version__, counts)
PYTHON
done

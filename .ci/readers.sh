#!/bin/sh
# Makes virtual environments with the programs that read archives we did not write ourselves: pywb, which replays
# them, and py-wacz, which validates WACZ files. Neither can live beside Scrapy: both pin versions of what it needs.
# Prints the variables by which the test suite finds them.
#
#   env $(.ci/readers.sh) make test
set -eu

folder=${READERS_VENVS:-"$(dirname "$0")/../.venv/readers"}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# NAME VERSION VARIABLE: an environment with one program, and the variable that names its Python.
reader() {
    python=$folder/$1-$2/bin/python
    if ! "$python" -c "import $1" 2>/dev/null; then
        rm -rf "$folder/$1-$2"
        python3 -m venv "$folder/$1-$2" >&2
        "$folder/$1-$2/bin/pip" install --quiet --disable-pip-version-check "$1==$2" >&2
    fi
    echo "$3=$python"
}

reader pywb 2.10.0 PYWB_PYTHON
reader wacz 0.6.0 WACZ_PYTHON

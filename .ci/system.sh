#!/bin/sh
# What some tests need of the system: PostgreSQL's server and Chromium. Installed where this may install them;
# where they are missing in the end, their tests are skipped.
set -eu
there() { command -v chromium >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
if ! there && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql chromium; } >/dev/null || true
fi
there || echo "no PostgreSQL or no Chromium: their tests are skipped"

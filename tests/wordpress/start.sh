#!/bin/sh
# Starts four real WordPress sites on loopback, made of Debian's packages, each with 60 posts.
# Run as root, on a machine for tests: it installs packages where they are missing. Prints the variable by which
# the test suite finds the sites.
#
#   env $(tests/wordpress/start.sh) pytest tests/crawler/test_wordpress_site.py
#   tests/wordpress/start.sh stop
#
# All files, the database too, are in WORDPRESS_FOLDER; nothing in /etc or /var is written but by the packages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${WORDPRESS_FOLDER:-/tmp/wordpress-sites}
first_port=${WORDPRESS_PORT:-8430}
packages="wordpress wordpress-theme-twentytwentyone wordpress-theme-twentytwentytwo
    wordpress-theme-twentytwentythree mariadb-server php-cli php-mysql php-gd php-mbstring php-xml"

stop() {
    for file in "$folder"/*.pid; do
        [ -f "$file" ] || continue
        pid=$(cat "$file")
        if grep -qs "$folder" "/proc/$pid/cmdline"; then # it is still the process that was started here
            kill -- "-$pid" || true
            while grep -qs "$folder" "/proc/$pid/cmdline"; do sleep 0.1; done
        fi
        rm -f "$file"
    done
}

if [ "${1:-start}" = stop ]; then
    stop
    exit
fi

# shellcheck disable=SC2086 # one word a package
if ! dpkg -s $packages >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends $packages; } >&2
fi

if [ -e "$folder" ] && [ ! -d "$folder/database" ]; then
    echo "$folder is something else: set WORDPRESS_FOLDER" >&2
    exit 2
fi
stop
rm -rf "$folder"
mkdir -p "$folder/site" "$folder/database"
cp -RL /usr/share/wordpress/. "$folder/site/"
rm -rf "$folder/site/wp-content/uploads"
cp "$here/config.php" "$folder/site/wp-config.php"

# A database of its own: no password, no network, only a socket that this user may open.
chmod 711 "$folder"
chown mysql "$folder/database"
mariadb-install-db --user=mysql --datadir="$folder/database" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/database.log" 2>&1
setsid mariadbd --no-defaults --user=mysql --datadir="$folder/database" --socket="$folder/database/socket" \
    --skip-networking --innodb-flush-log-at-trx-commit=0 --pid-file="$folder/database/pid" \
    >>"$folder/database.log" 2>&1 &
echo $! >"$folder/database.pid"
tries=0
until mariadb --no-defaults --user=root --socket="$folder/database/socket" \
    --execute='CREATE DATABASE wordpress CHARACTER SET utf8mb4' 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { cat "$folder/database.log" >&2; exit 1; }
    sleep 0.1
done

for number in 0 1 2 3; do
    port=$((first_port + number))
    (
        cd "$folder/site"
        WORDPRESS_FOLDER=$folder php "$here/install.php" $number $port >&2
        PHP_CLI_SERVER_WORKERS=3 WORDPRESS_FOLDER=$folder WORDPRESS_NUMBER=$number \
            setsid php -d variables_order=EGPCS -S "127.0.0.1:$port" -t "$folder/site" "$here/router.php" \
            >"$folder/server$number.log" 2>&1 &
        echo $! >"$folder/server$number.pid"
    )
done
echo "WORDPRESS_SITES=$folder"

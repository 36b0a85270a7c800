#!/usr/bin/setsid /bin/sh
# limited.sh in a session and process group of its own.
. "${0%/*}/limited.sh"

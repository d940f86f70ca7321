#!/usr/bin/env bash
# Runs the tests of this folder against a demo that is up: then.sh FOLDER, as LOTMARK_DEMO_THEN of scripts/demo.
# One after another, so that one browser runs at a time; fails when one of them fails.
set -euo pipefail
LIVE_DEMO=$(cd "$1" && pwd)
# The page that the consortium serves, not that of the sources.
LOTMARK_PAGE_DIR=$LIVE_DEMO/consortium/apis/api-1/page
export LIVE_DEMO LOTMARK_PAGE_DIR
cd "$(dirname "$0")"
failed=()
for file in *.test.mjs; do
  node --test "$file" || failed+=("$file")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "live: failed: ${failed[*]}" >&2
  exit 1
fi

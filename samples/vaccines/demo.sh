# The vaccine story, told by scripts/demo: one producer, two institutes, three agencies; the lot of cold room 1
# is released, that of cold room 2 refused, for a door was left open.
# shellcheck shell=bash disable=SC2154

gtin=09506000134352
day_from=2026-01-05T00:00:00Z day_to=2026-01-06T00:00:00Z
product="Hualin cold-chain vaccine, 10 vials"

# Ports nobody uses now, in place of the sample's own.
render_consortium() {
  /usr/bin/python3 -B - "$samples/consortium.toml" "$dir/consortium.toml" <<'PY'
import re, sys
sys.path.insert(0, "tests")
from free_ports import free_ports
key = re.compile(r"^((?:peer_|control_)?port) = \d+", re.M)
text = open(sys.argv[1]).read()
ports = iter(free_ports(len(key.findall(text))))
open(sys.argv[2], "w").write(key.sub(lambda match: "%s = %d" % (match.group(1), next(ports)), text))
PY
}

found() {
  render_consortium
  "$bin/lotmark" ca init "$dir/consortium.toml" --out "$c" >"$dir/logs/ca-init.log"
  local chain machine institute
  chain=$(tr -d ' \n' <"$c/fingerprint.txt")
  for machine in 1 2; do
    "$bin/lotmark-factory" --nv "$c/devices/filler-$machine/filler-$machine.nv" --machine "filler-$machine" \
      --chain "$chain" --key "$c/devices/filler-$machine/record.key" >>"$dir/logs/factory.log"
    sed -e "s|@SAMPLES@|$samples|; s|@BIN@|$bin|; s|@STATE@|$c/devices/filler-$machine|" \
      "$samples/fridge-$machine.source.toml" >>"$c/devices/fridge-$machine/agent.toml"
  done
  for institute in a b; do
    cat "$samples/institute.review.toml" >>"$c/members/institute-$institute-node/node.toml"
  done
  "$bin/lotmark" page --anchor "$c/anchor.cbor" --out "$c/apis/api-1/page" >"$dir/logs/page.log"
}

start_stack() {
  local node operator
  launch broker mosquitto -c "$c/brokers/broker-1/mosquitto.conf"
  wait_for 20 "the broker" listens "$(sed -n 's/^listener \([0-9]*\) .*/\1/p' "$c/brokers/broker-1/mosquitto.conf")"
  for node in hualin-node institute-a-node institute-b-node agency-1 agency-2 agency-3; do
    launch "$node" "$bin/lotmark-ledger-node" --config "$c/members/$node/node.toml"
  done
  for operator in mei inspector-a inspector-b officer-1 officer-2 officer-3; do
    wait_for 30 "the node of $operator" as "$operator" status
  done
  launch api "$bin/lotmark-api" --config "$c/apis/api-1/api.toml"
  origin=$(sed -n 's/^origin = "\(.*\)"/\1/p' "$c/apis/api-1/api.toml")
  wait_for 20 "the API" listens "${origin##*:}"
}

# The agent plays the day and carries the machine's start signal; the lot is opened on it.
make_lot() { # NUMBER LOT
  local n=$1 lot=$2 label
  launch "agent-$n" "$bin/lotmark-edge-agent" --config "$c/devices/fridge-$n/agent.toml"
  wait_for 30 "the start signal of filler-$n" as mei batch start --programme cold-vaccine --line "line-$n" \
    --gtin "$gtin" --lot "$lot" --reviewer institute-a --reviewer institute-b --device "filler-$n"
  step "machine filler-$n started: lot $lot opened"
  for label in formulation filling inspection labelling; do
    wait_for 5 "step $label of lot $lot" as mei batch step "$lot" "$label" --note "shift=early"
  done
  # Not before the whole day is in: a step rests on all readings of its time.
  wait_for 20 "readings of fridge-$n" whole_day "$lot"
  wait_for 5 "step dispatch of lot $lot" as mei batch step "$lot" dispatch --public-note "pack=10 vials of 0.5 ml"
  step "six steps of lot $lot signed; cold room $n: $(cat "$dir/claim")"
  as mei batch serials "$lot" "$samples/serials.csv" --column serial >>"$dir/logs/serials.log"
  as mei batch apply "$lot" --product "$product" --expires 20281231 >>"$dir/logs/apply.log"
}
whole_day() { # LOT: 24 windows of an hour a fridge
  local size
  size=$(as mei status --field intake_size)
  [ "$size" -ge $((24 * n)) ] || { say "$size bundles"; return 1; }
  as mei batch step "$1" cold-storage --start "$day_from" --end "$day_to" --json >"$dir/step.json" || return 1
  sed -n 's/.*"shown": "\(.*\)".*/\1/p' "$dir/step.json" | head -n 1 >"$dir/claim"
}

review_lot() { # LOT STATE
  local state=$2
  wait_for 90 "the review of lot $1" reviewed "$1"
  if [ "$state" = reviewed ]; then
    as inspector-a review approve "$1" --if-clean >>"$dir/logs/review.log"
    step "institute-a found lot $1 clean and released it"
  else
    wait_for 30 "the refusal of lot $1" equals refused as inspector-a review show "$1" --field state
    step "institute-a refused lot $1"
  fi
}
reviewed() {
  local state
  state=$(as inspector-a review show "$1" --field state)
  [ "$state" = reviewed ] || [ "$state" = refused ] || { say "state $state"; return 1; }
}

# Receipt and anchor alone, in an empty folder.
check_released() { # LOT
  local at=$dir/checked/$1
  mkdir -p "$at"
  cp "$c/anchor.cbor" "$at/"
  wait_for 60 "the receipt of lot $1 with three votes" final_receipt "$1" "$at"
  prove_unit "$1" "$at"
  step "receipt of lot $1 checked offline, and that unit $(cd "$at" && checked item.serial) is one of $(cd "$at" && checked item.count)"
  (cd "$at" && verdict_line "$1")
}
# The enterprise's files say where a serial stands; whoever has receipt and anchor checks it.
prove_unit() { # LOT FOLDER
  local data=$c/members/hualin-node/data serial
  serial=$(sed -n '2s/,.*//p' "$samples/serials.csv")
  "$bin/lotmark" item "$gtin" "$1" "$serial" --private "$data/private.db" --chain "$data/chain.db" \
    --anchor "$c/anchor.cbor" --out "$2/unit.item" >>"$dir/logs/item.log"
}
final_receipt() {
  as officer-2 receipt "$gtin" "$1" --out "$2/lot.receipt" &&
    (cd "$2" && equals released checked verdict && equals 3 checked final.votes && equals 1440 checked claims.0.count)
}
checked() { # FIELD
  local item=()
  [ ! -f unit.item ] || item=(--item unit.item)
  "$bin/lotmark" verify lot.receipt --anchor anchor.cbor "${item[@]}" --json --field "$1"
}
verdict_line() {
  say "VERDICT $(checked verdict) gtin=$(checked gtin) lot=$(checked lot) block=$(checked block) final=yes" \
    "votes=$(checked final.votes)/$(checked final.members) quorum=$(checked final.quorum)" \
    "temp=$(decimal "$(checked claims.0.min)")..$(decimal "$(checked claims.0.max)")$(checked claims.0.unit)" \
    "readings=$(checked claims.0.count)/$(checked claims.0.expected) gaps=$(checked claims.0.gaps)"
}

audited() {
  local data=$c/members/hualin-node/data
  "$bin/lotmark" audit --private "$data/private.db" --chain "$data/chain.db" --anchor "$c/anchor.cbor"
}

show_refused() { # LOT
  local shown
  shown() { as inspector-a review show "$refused" --field "findings.0.$1"; }
  refused=$1
  [ "$(shown name)" = value-out-of-limits ] || die "lot $1 was refused for $(shown text)"
  say "REFUSED lot=$1 channel=$(shown channel) value=$(shown reading.shown) limit=$(shown limit) path=$(shown path)"
}

check_url() { # PATH: asks the API over TLS, with the consortium's CA alone
  local host=${origin#https://} answer
  answer=$(printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$host" |
    openssl s_client -quiet -verify_quiet -verify_return_error -CAfile "$c/ca/ca.crt" -connect "$host" | tr -d '\0')
  say "${answer%%$'\r'*}"
  [[ ${answer%%$'\r'*} == "HTTP/1.1 "[23]* ]]
}

run_field() {
  local run good bad
  if [ ! -d "$c" ]; then
    found
    step "consortium founded: $(cat "$c/fingerprint.txt")"
  fi
  start_stack
  step "stack is up: broker, six nodes, API"
  mkdir -p "$dir/checked" "$dir/labels"
  run=$(($(find "$dir/checked" -mindepth 1 -maxdepth 1 | wc -l) + 1))
  good=H26-A$run bad=H26-B$run
  make_lot 1 "$good"
  make_lot 2 "$bad"
  review_lot "$good" reviewed
  review_lot "$bad" refused
  wait_for 20 "the audit of hualin's rows" audited
  step "hualin's private rows recomputed against the chain: $(tail -n 1 "$dir/last-answer")"
  check_released "$good"
  show_refused "$bad"
  "$bin/lotmark" label "$gtin" "$good" --expires 20281231 --anchor "$c/anchor.cbor" --url "$origin" \
    --out "$dir/labels/$good" --json --field link >"$dir/link"
  say "LABEL $dir/labels/$good.png"
  wait_for 20 "the API's answer" check_url "/01/$gtin/10/$good"
  say "URL $(cat "$dir/link")"
}

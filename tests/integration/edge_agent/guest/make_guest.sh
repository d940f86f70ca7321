#!/usr/bin/env bash
# Makes the guest's first file system: busybox, the modules the drivers need, the agent with its libraries, and files at
# the paths they have here.
#   make_guest.sh KERNEL AGENT CONFIG OUT FILE ...     KERNEL: what scripts/guest-kernel unpacked
set -euo pipefail
kernel=$1 agent=$2 config=$3 out=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/lotmark-guest-XXXXXX")
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,dev,proc,sys,etc,tmp,agent}
cp /bin/busybox "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
install -m 755 "$here/init" "$root/init"
echo "10.0.2.2 localhost" >"$root/etc/hosts"  # where QEMU's network shows this machine's loopback
echo "hosts: files" >"$root/etc/nsswitch.conf"

modules=$(cd "$kernel"/lib/modules/* && pwd)
to=$root/lib/modules/$(basename "$modules")
mkdir -p "$to"
cp "$modules"/modules.{dep,alias,symbols,builtin} "$to"
for name in virtio_pci virtio_net xhci-pci usbhid hid-generic evdev lm75 bmp280-i2c i2c-dev i2c-stub; do
  line=$(grep -E "/$name\.ko:" "$modules/modules.dep")
  for file in ${line/:/}; do
    (cd "$modules" && cp --parents "$file" "$to")
  done
done

cp "$agent" "$root/agent/lotmark-edge-agent"
strip --strip-debug "$root/agent/lotmark-edge-agent"
printf '%s' "$config" >"$root/agent/config"
ldd "$agent" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
for file in "$config" "$@"; do
  mkdir -p "$root$(dirname "$file")"
  cp "$file" "$root$file"
done
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$out"

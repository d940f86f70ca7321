// Bundle wires: what opens encodes again to the same bytes, and its roots are those of its readings.
#include "core/wire/bundle_wire.h"

#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

// Readings that were accepted give the root that was signed, by the slow way as well.
void recompute(const OpenedWire& wire) {
  for (std::uint32_t place = 0; place < wire.channels.size(); ++place) {
    const Channel& head = wire.bundle.body.channels[place];
    const ChannelReadings& readings = wire.channels[place];
    LM_ASSERT(head.root.has_value() == !readings.times.empty());
    if (!head.root) continue;
    if (head.kind == ChannelKind::kQuantity) {
      const auto node = quantity_root(wire.salt, place, readings);
      LM_ASSERT(node && node->hash == *head.root);
    } else {
      LM_ASSERT(plain_root(wire.salt, place, head.kind, readings) == *head.root);
    }
  }
}

void fuzz_bundle_wire(ByteView in) {
  const auto trust = [](const Signed<Bundle>&) { return Errc::kOk; };
  const auto opened = open_wire(in, fuzz::contract_chain(), trust);
  if (!opened) return;
  recompute(*opened);
  const BundleWire wire{opened->bundle.bytes, opened->salt, opened->channels};
  LM_ASSERT(std::ranges::equal(encode_wire(wire, opened->bundle.body.channels), in));
}

}  // namespace
LM_FUZZ_TARGET(bundle_wire, fuzz_bundle_wire);
}  // namespace lotmark

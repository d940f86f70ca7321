#include "ledger-node/evidence/device_forks.h"

#include "core/proof/evidence_writer.h"
#include "core/wire/bundle_wire.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::node {

namespace {

// The signed object in a bundle's wire; a gap stands for itself.
Result<Bytes> object_of(ByteView wire, const Digest& chain, KeyId& signer) {
  if (const auto label = peek(wire)) {
    signer = label->kid;
    return to_bytes(wire);
  }
  WireReader reader;
  LM_ASSIGN(auto bundle, reader.open_bundle(wire, chain));
  signer = bundle.kid;
  return std::move(bundle.bytes);
}

// Of a device that was enrolled in a block whose body is cut.
Result<std::optional<Bytes>> cut_enrolment(const chain::PublicChain& chain, const KeyId& kid) {
  LM_ASSIGN(auto state, chain::cut_state(chain));
  for (const auto& kept : state.enrolments) {
    LM_ASSIGN(auto e, lotmark::open<Enrolment>(kept.object.bytes, chain.chain_id()));
    if (key_id(e.body.public_key) == kid) return std::optional(kept.object.bytes);
  }
  return fail(Errc::kCorrupt, "its enrolment is not in the state of the newest cut");
}

// Nothing where statement 0 enrols the device.
Result<std::optional<Bytes>> enrolment_of(const chain::PublicChain& chain, const KeyId& kid) {
  for (const auto& e : chain.statements().held().front().body.enrolments) {
    if (key_id(e.public_key) == kid) return std::optional<Bytes>();
  }
  const auto* enrolled = chain.enrolled(kid);
  if (enrolled == nullptr) return fail(Errc::kDeviceUnknown, "the device is not enrolled here");
  if (enrolled->from_block < chain.dropped_end()) return cut_enrolment(chain, kid);
  LM_ASSIGN(auto bytes, chain.block(enrolled->from_block));
  LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain.chain_id()));
  const auto* period = std::get_if<PeriodBody>(&block.body.body);
  if (period == nullptr) return fail(Errc::kCorrupt, "enrolled in no period block");
  for (const auto& object : period->enrolments) {
    LM_ASSIGN(auto e, lotmark::open<Enrolment>(object.bytes, chain.chain_id()));
    if (key_id(e.body.public_key) == kid) return std::optional(object.bytes);
  }
  return fail(Errc::kCorrupt, "its enrolment is not in the block that was noted");
}

}  // namespace

Result<Bytes> make_device_fork(const chain::PublicChain& chain, ByteView wire, ByteView other) {
  KeyId signer;
  LM_ASSIGN(auto a, object_of(wire, chain.chain_id(), signer));
  LM_ASSIGN(auto b, object_of(other, chain.chain_id(), signer));
  LM_ASSIGN(auto enrolment, enrolment_of(chain, signer));
  return proof::make_bundle_fork(a, b, std::move(enrolment),
                                 proof::statements_for_evidence(chain.statements()));
}

}  // namespace lotmark::node

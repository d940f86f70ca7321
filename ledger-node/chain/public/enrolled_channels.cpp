#include "ledger-node/chain/public/enrolled_channels.h"

namespace lotmark::chain {

Result<std::vector<EnrolledChannel>> enrolled_channels(const PublicChain& chain,
                                                       const Enrolled& device) {
  if (device.from_block == 0) {
    for (const auto& e : chain.statements().held().front().body.enrolments) {
      if (e.public_key == device.key) return e.channels;
    }
    return std::vector<EnrolledChannel>();
  }
  auto bytes = chain.block(device.from_block);
  if (!bytes && bytes.code() == Errc::kBodyCut) return std::vector<EnrolledChannel>();
  if (!bytes) return bytes.error();
  LM_ASSIGN(auto block, lotmark::open<Block>(*bytes, chain.chain_id()));
  const auto* body = std::get_if<PeriodBody>(&block.body.body);
  if (body == nullptr) return fail(Errc::kCorrupt, "an enrolment's block is no period block");
  for (const auto& o : body->enrolments) {
    LM_ASSIGN(auto enrolment, lotmark::open<Enrolment>(o.bytes, chain.chain_id()));
    if (enrolment.body.public_key == device.key) return std::move(enrolment.body.channels);
  }
  return std::vector<EnrolledChannel>();
}

}  // namespace lotmark::chain

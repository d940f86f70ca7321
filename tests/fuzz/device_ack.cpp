// An ack as a sensor node reads it, against the reader that checks all of docs/format/device.md: what that one opens, the device
// understands, and understands the same.
#include "core/wire/sign1.h"
#include "firmware/app/ack.h"
#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

void same(const lm_ack& read, const Ack& ack) {
  LM_ASSERT(read.through == ack.through && read.time == ack.time);
  LM_ASSERT(read.named == ack.id.has_value());
  LM_ASSERT(!ack.id || std::equal(ack.id->bytes.begin(), ack.id->bytes.end(), read.id));
  bool need_seq = false;
  std::uint64_t refused = 0;
  for (const auto& r : ack.refused) {
    const bool need = r.error == static_cast<std::uint64_t>(Errc::kNeedSeq);
    need_seq = need_seq || need;
    if (!need && refused == 0) refused = r.seq;
  }
  LM_ASSERT(read.need_seq == need_seq && read.refused == refused);
}

void fuzz_device_ack(ByteView in) {
  lm_ack read;
  const std::uint8_t none[LM_KID_BYTES] = {};
  (void)lm_ack_read({in.data(), in.size()}, none, none, &read);
  const auto opened = open<Ack>(in, fuzz::contract_chain());
  if (!opened) return;
  const Ack& ack = opened->body;
  LM_ASSERT(lm_ack_read({in.data(), in.size()}, ack.device.data(), ack.life.data(), &read));
  same(read, ack);
}

}  // namespace
LM_FUZZ_TARGET(device_ack, fuzz_device_ack);
}  // namespace lotmark

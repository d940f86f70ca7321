// Two bundles of one device with one place in its log, or a bundle and a gap that calls another lost there.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/proof/evidence_case.h"

namespace lotmark::proof {

namespace {

class BundleFork final : public EvidenceCase {
 public:
  using EvidenceCase::EvidenceCase;

  Status open_objects() override {
    LM_ASSIGN(bundle_, open<Bundle>(object(0), chain()));
    auto second = open<Bundle>(object(1), chain());
    if (second) {
      other_ = {second->kid, second->id, second->signature, second->body.life, second->body.seq};
      return {};
    }
    if (second.code() != Errc::kCoseType) return second.error();
    LM_ASSIGN(auto g, open<Gap>(object(1), chain()));
    other_ = {g.kid, g.id, g.signature, g.body.life, g.body.last};
    gap_ = std::move(g.body);
    return {};
  }

  Status contradict() const override {
    if (bundle_.kid != other_.kid) return fail(Errc::kCoseKid, "two devices");
    if (bundle_.body.life != other_.life) return fail(Errc::kLifeClosed, "two lives");
    if (bundle_.body.seq != other_.seq) return fail(Errc::kNeedSeq, "two places");
    if (!gap_) {
      if (bundle_.id == other_.id) return fail(Errc::kListDuplicate, "one bundle twice");
      return {};
    }
    if (gap_->reason == GapReason::kReceiverLost || !gap_->lost) {
      return fail(Errc::kGapBelowPosition, "such a gap contradicts no bundle");
    }
    if (*gap_->lost == bundle_.id) return fail(Errc::kListDuplicate, "the bundle the gap names");
    return {};
  }

  Status check_signers() override {
    const auto* enrolment = std::get_if<ObjectBytes>(&file_.proof);
    LM_ASSIGN(const PublicKey key,
              enrolment != nullptr ? enrolled_in_file(*enrolment) : enrolled_in_genesis());
    if (!verify_once(key, bundle_.id, bundle_.signature)) return Errc::kCoseSignature;
    if (!verify_once(key, other_.id, other_.signature)) return Errc::kCoseSignature;
    return {};
  }

  Accusation accuse() const override {
    const auto seq = bundle_.body.seq;
    const auto life = to_hex(bundle_.body.life);
    const std::string did =
        gap_ ? fmt::format(
                   "signed a bundle with number {} of its life {}, {}, and a gap, {}, that "
                   "calls another one lost there, {}",
                   seq, life, to_hex(bundle_.id), to_hex(other_.id), to_hex(*gap_->lost))
             : fmt::format("signed two bundles with number {} of its life {}: {} and {}", seq, life,
                           to_hex(bundle_.id), to_hex(other_.id));
    return {by_, {bundle_.id, other_.id}, fmt::format("The {} {}.", named(by_), did)};
  }

 private:
  struct Other {
    KeyId kid;
    Digest id;
    Signature signature;
    LifeId life;
    std::uint64_t seq = 0;  // of a gap its last
  };

  const Enrolment* in_genesis() const {
    for (const auto& e : held_.held().front().body.enrolments) {
      if (e.kind == EnrolmentKind::kDevice && key_id(e.public_key) == bundle_.kid) return &e;
    }
    return nullptr;
  }

  Result<PublicKey> enrolled_in_genesis() {
    const Enrolment* e = in_genesis();
    if (e == nullptr) return Errc::kDeviceUnknown;
    by_ = {bundle_.kid, e->organisation, "device",
           Culprit::Device{e->name, key_id(held_.root_key()), false}};
    return e->public_key;
  }

  Result<PublicKey> enrolled_in_file(const ObjectBytes& object) {
    if (in_genesis() != nullptr) return fail(Errc::kListDuplicate, "statement 0 enrols the device");
    LM_ASSIGN(auto e, open<Enrolment>(object.bytes, chain()));
    if (e.body.kind != EnrolmentKind::kDevice || key_id(e.body.public_key) != bundle_.kid) {
      return Errc::kDeviceUnknown;
    }
    const Member* m = enroller(e.kid, e.body.organisation);
    if (m == nullptr) return fail(Errc::kCoseKid, "no member of that organisation enrolled it");
    if (!verify_once(m->public_key, e.id, e.signature)) return Errc::kCoseSignature;
    by_ = {bundle_.kid, e.body.organisation, "device", Culprit::Device{e.body.name, e.kid, true}};
    return e.body.public_key;
  }

  // A member of that organisation in any statement held, whatever its role.
  const Member* enroller(const KeyId& kid, const std::string& organisation) const {
    for (const auto& s : held_.held()) {
      const Member* m = s.body.find(kid);
      if (m != nullptr && m->organisation == organisation) return m;
    }
    return nullptr;
  }

  Signed<Bundle> bundle_;
  Other other_;
  std::optional<Gap> gap_;
  Culprit by_;
};

}  // namespace

std::unique_ptr<EvidenceCase> make_bundle_case(const Evidence& file, const Statements& held) {
  return std::make_unique<BundleFork>(file, held);
}

}  // namespace lotmark::proof

// The bundles a lot's claims rest on, each opened and verified once however many claims use it.
#pragma once

#include <set>

#include "core/wire/bundle_wire.h"
#include "ledger-node/review/findings.h"

namespace lotmark::review {

// A bundle, or a gap object that stands in its device's log.
struct OpenedEvidence {
  std::optional<Signed<Bundle>> bundle;
  std::optional<Signed<Gap>> gap;
  Digest salt;
  std::vector<ChannelReadings> readings;  // one a channel; only if readings_hold
  bool readings_hold = false;             // they give the bundle's annotations and roots

  const KeyId& device() const { return bundle ? bundle->body.device : gap->body.device; }
  const LifeId& life() const { return bundle ? bundle->body.life : gap->body.life; }
};

class EvidenceBook {
 public:
  // Both outlive the book.
  EvidenceBook(const ReviewInput& input, FindingList& list) : in_(input), list_(list) {}

  // Null if it cannot be read. What is wrong with it is found at the first call.
  const OpenedEvidence* open(const Digest& id);
  // One remark for each device and state of clock that is not synchronised.
  void remark_clocks();
  std::string device_name(const KeyId& kid) const;

 private:
  std::optional<OpenedEvidence> read(const Digest& id, const FetchedBundle& fetched);
  std::optional<OpenedEvidence> read_gap(const Digest& id, ByteView object);
  void check_signature(const KeyId& kid, const Digest& id, const Signature& signature);
  void check_suspected(const KeyId& kid, const Digest& id, std::uint64_t index);
  void check_logged(const Digest& id, const FetchedBundle& fetched);

  const ReviewInput& in_;
  FindingList& list_;
  std::map<Digest, std::optional<OpenedEvidence>> opened_;
  WireReader reader_;
  std::map<KeyId, Verifier> verifiers_;
  std::map<std::pair<KeyId, ClockState>, std::uint64_t> clocks_;
};

}  // namespace lotmark::review

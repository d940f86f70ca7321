#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/private_level.h"

namespace lotmark {

Digest commitment(const Digest& chain, const Scope& scope, const RecordHead& head,
                  const Digest& root) {
  return sha256(cbor_bytes([&](CborWriter& w) {
    w.array(10);
    w.text("lotmark/record/1");
    w.bytes(chain.view());
    if (const auto* start = std::get_if<Digest>(&scope)) {
      w.bytes(start->view());
    } else {
      const auto& p = std::get<PeriodScope>(scope);
      w.array(2);
      w.text(p.organisation);
      w.uint(p.period);
    }
    if (head.step) w.text(*head.step);
    else w.null();
    w.uint(static_cast<std::uint64_t>(head.kind));
    w.uint(head.time);
    w.bytes(head.author.view());
    if (head.corrects) w.bytes(head.corrects->view());
    else w.null();
    w.uint(head.segments);
    w.bytes(root.view());
  }));
}

Digest segments_root(const std::vector<Bytes>& entries) {
  merkle::CompactRange tree;
  for (const auto& e : entries) tree.append(merkle::leaf_hash(e));
  return tree.root();
}

Digest row_hash(const Digest& commitment, std::uint64_t time, const Digest& previous) {
  return sha256(cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(commitment.view());
    w.uint(time);
    w.bytes(previous.view());
  }));
}

}  // namespace lotmark

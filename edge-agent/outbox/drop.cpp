// What gives way when the outbox is full or its bundles are old.
#include "core/wire/bundle_wire.h"
#include "core/wire/sign1.h"
#include "edge-agent/outbox/outbox.h"

namespace lotmark::agent {

namespace {

constexpr int kGap = 3;                     // bundle.policy of a gap over dropped bundles
constexpr std::size_t kStretchesMax = 256;  // of one commit

struct Row {
  std::uint64_t seq = 0;
  std::uint64_t first = 0;
  int policy = 0;
  std::uint64_t sealed_ms = 0;
  std::uint64_t bytes = 0;
};

// Walks rows from the oldest on and joins those that give way, gaps beside them included.
class Choice {
 public:
  Choice(std::uint64_t bytes, std::uint64_t older_than) : bytes_(bytes), older_than_(older_than) {}

  // False once nothing further gives way.
  bool take(const Row& row) {
    if (row.policy == kGap) {
      if (open_ && row.first == out_.back().last + 1) {
        out_.back().last = row.seq;
      } else {
        open_ = false;
        gap_ = row;
      }
      return true;
    }
    const bool old = row.sealed_ms < older_than_;
    if (!old && freed_ >= bytes_) return false;
    const bool thinned = row.policy == static_cast<int>(WhenFull::kThin) && thin_++ % 2 == 1;
    if (thinned && !old) {
      open_ = false;
      return true;
    }
    freed_ += row.bytes;
    return drop(row);
  }
  std::vector<Stretch> done() { return std::move(out_); }

 private:
  bool drop(const Row& row) {
    if (open_ && row.seq == out_.back().last + 1) {
      out_.back().last = row.seq;
      return true;
    }
    if (out_.size() == kStretchesMax) return false;
    const bool joins = gap_ && gap_->seq + 1 == row.seq;
    out_.push_back({joins ? gap_->first : row.seq, row.seq, {}, {}, 0});
    open_ = true;
    return true;
  }

  std::uint64_t bytes_;
  std::uint64_t older_than_;
  std::uint64_t freed_ = 0;
  std::uint64_t thin_ = 0;
  bool open_ = false;  // the last stretch can still grow
  std::optional<Row> gap_;
  std::vector<Stretch> out_;
};

Result<std::optional<Digest>> prev_of(ByteView object, const Digest& chain) {
  if (is_gap(object)) {
    LM_ASSIGN(auto gap, lotmark::open<Gap>(object, chain));
    return gap.body.prev;
  }
  WireReader reader;
  LM_ASSIGN(auto bundle, reader.open_bundle(object, chain));
  return bundle.body.prev;
}

}  // namespace

// Tag 18: a signed object; a bundle wire is an array.
bool is_gap(ByteView object) { return !object.empty() && object[0] == 0xd2; }

Result<std::vector<Stretch>> Outbox::droppable(std::uint64_t bytes, std::uint64_t older_than) {
  Choice choice(bytes, older_than);
  {
    LM_ASSIGN(auto q, db_.prepare("SELECT seq, first, policy, sealed_ms, bytes FROM bundle "
                                  "INDEXED BY bundle_droppable WHERE policy > 0 ORDER BY seq"));
    for (;;) {
      LM_ASSIGN(bool row, q.step());
      if (!row) break;
      if (!choice.take({q.u64(0), q.u64(1), static_cast<int>(q.integer(2)), q.u64(3), q.u64(4)}))
        break;
    }
  }
  auto out = choice.done();
  for (auto& stretch : out) {
    LM_ASSIGN(stretch, stretch_of(stretch.first, stretch.last));
  }
  return out;
}

Result<Stretch> Outbox::stretch_of(std::uint64_t first, std::uint64_t last) {
  Stretch out{first, last, {}, {}, 0};
  LM_ASSIGN(auto end, db_.prepare("SELECT id, readings_total FROM bundle WHERE seq = ?"));
  end.bind(1, last);
  LM_ASSIGN(bool ended, end.step());
  if (!ended) return fail(Errc::kCorrupt, "the outbox lacks seq " + std::to_string(last));
  LM_ASSIGN(auto id, end.fixed<Digest>(0));
  if (id != Digest{}) out.lost = id;
  const std::uint64_t total = end.u64(1);
  LM_ASSIGN(auto begin,
            db_.prepare("SELECT object FROM bundle WHERE seq >= ? ORDER BY seq LIMIT 1"));
  begin.bind(1, first);
  LM_ASSIGN(bool begun, begin.step());
  if (!begun) return fail(Errc::kCorrupt, "the outbox lacks seq " + std::to_string(first));
  LM_ASSIGN(out.prev, prev_of(begin.blob(0), chain_id_));
  LM_ASSIGN(auto before,
            db_.prepare("SELECT max(coalesce((SELECT readings_total FROM bundle WHERE seq < ?1 "
                        "ORDER BY seq DESC LIMIT 1), 0), coalesce((SELECT readings_total FROM past "
                        "WHERE seq < ?1 ORDER BY seq DESC LIMIT 1), 0))"));
  before.bind(1, first);
  LM_ASSIGN(bool known, before.step());
  const std::uint64_t until = known ? before.u64(0) : 0;
  out.readings = total > until ? total - until : 0;
  return out;
}

Result<std::uint64_t> Outbox::oldest_ms() {
  LM_ASSIGN(auto q, db_.prepare("SELECT sealed_ms FROM bundle ORDER BY seq LIMIT 1"));
  LM_ASSIGN(bool row, q.step());
  return row ? q.u64(0) : ran_ms_;
}

}  // namespace lotmark::agent

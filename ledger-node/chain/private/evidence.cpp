#include "ledger-node/chain/private/evidence.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/wire/limits.h"

namespace lotmark::chain {

using Stored = node::IntakeLog::Stored;

// What the device's log holds between two of its entries, both left out.
Result<std::vector<Stored>> EvidenceSource::between(const KeyId& device, std::uint64_t first,
                                                    std::uint64_t last) const {
  LM_ASSIGN(auto q,
            db_->prepare("SELECT i.idx, i.id, w.wire FROM life l JOIN intake i ON i.life = l.n "
                         "JOIN intake_wire w ON w.idx = i.idx "
                         "WHERE l.device = ? AND i.idx > ? AND i.idx < ? ORDER BY i.idx"));
  q.bind(1, device).bind(2, first).bind(3, last);
  std::vector<Stored> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto id, q.fixed<Digest>(1));
    out.push_back({q.u64(0), id, to_bytes(q.blob(2))});
  }
}

// The bundles that meet the step and, where their numbers show that something lies between, that
// too: who checks must be able to follow the log from the first to the last.
Result<std::vector<Stored>> EvidenceSource::log_part(const KeyId& device, std::uint64_t start,
                                                     std::uint64_t end) const {
  LM_ASSIGN(auto met, intake_->meeting(device, start, end));
  std::vector<Stored> out;
  std::optional<Bundle> before;
  WireReader reader;
  for (auto& s : met) {
    LM_ASSIGN(auto bundle, reader.open_bundle(s.wire, chain_));
    const Bundle& b = bundle.body;
    const bool next = !before || (b.life == before->life ? b.seq == before->seq + 1 : b.seq == 1);
    if (!next) {
      LM_ASSIGN(auto rest, between(device, out.back().index, s.index));
      for (auto& r : rest) out.push_back(std::move(r));
    }
    before = b;
    out.push_back(std::move(s));
  }
  return out;
}

namespace {

// Gaps of the whole device or this channel that meet the step, as the bundles declare them.
void take_gaps(const Bundle& b, Claim& claim) {
  for (const auto& g : b.gaps) {
    const bool ours = !g.channel || b.channels[*g.channel].name == claim.channel;
    if (ours && g.from < claim.end && g.to >= claim.start) {
      claim.gaps.push_back({std::nullopt, g.from, g.to, g.reason});
    }
  }
}

void finish_gaps(Claim& claim) {
  std::stable_sort(claim.gaps.begin(), claim.gaps.end(),
                   [](const DeclaredGap& a, const DeclaredGap& b) { return a.from < b.from; });
  if (claim.gaps.size() > limits::kGaps) claim.gaps.resize(limits::kGaps);
}

// The unit and exponent the channel has in the first bundle that knows it.
void take_unit(const Bundle& b, Claim& claim, bool& known) {
  for (const auto& c : b.channels) {
    if (known || c.name != claim.channel) continue;
    claim.unit = c.unit;
    claim.exp = c.exp;
    known = true;
  }
}

std::uint64_t gap_edge(const Claim& c) {
  const auto& a = c.annotation;
  return std::max(a.t_first > c.start ? a.t_first - c.start : 0,
                  c.end > a.t_last ? c.end - a.t_last : 0);
}

// Gathers InStep while the log's objects go by in their order.
class StepView {
 public:
  StepView(const Claim& claim, std::uint64_t interval) : claim_(claim), interval_(interval) {}

  void bundle(const Bundle& b, const OpenedWire& wire) {
    if (lost_from_) spans_.push_back({*std::exchange(lost_from_, std::nullopt), b.from});
    for (const auto& g : b.gaps) {
      if (!g.channel || b.channels[*g.channel].name == claim_.channel)
        spans_.push_back({g.from, g.to});
    }
    for (std::size_t c = 0; c < b.channels.size(); ++c) {
      if (b.channels[c].name != claim_.channel) continue;
      const auto& r = wire.channels[c];
      for (std::size_t i = 0; i < r.quantity.size(); ++i) reading(r.times[i], r.quantity[i]);
    }
    log_to_ = b.to;
  }
  void gap() {
    if (!lost_from_) lost_from_ = log_to_.value_or(claim_.start);
  }
  InStep finish() {
    if (lost_from_) spans_.push_back({*lost_from_, claim_.end});
    if (last_ && *last_ < claim_.end) pause(std::max(*last_, claim_.start), claim_.end);
    out_.declared = declared_readings(std::move(spans_), claim_.start, claim_.end, interval_);
    return out_;
  }

 private:
  void reading(std::uint64_t t, std::int64_t value) {
    if (!last_ && t > claim_.start) pause(claim_.start, std::min(t, claim_.end));
    if (last_ && t > claim_.start && *last_ < claim_.end) pause(*last_, t);
    last_ = t;
    if (t < claim_.start || t >= claim_.end) return;
    out_.min = out_.count == 0 ? value : std::min(out_.min, value);
    out_.max = out_.count == 0 ? value : std::max(out_.max, value);
    ++out_.count;
  }
  void pause(std::uint64_t from, std::uint64_t to) {
    out_.pause_max = std::max(out_.pause_max, to > from ? to - from : 0);
  }

  const Claim& claim_;
  std::uint64_t interval_;
  InStep out_;
  std::vector<Span> spans_;
  std::optional<std::uint64_t> last_;       // time of the reading before
  std::optional<std::uint64_t> log_to_;     // end of the bundle before
  std::optional<std::uint64_t> lost_from_;  // a gap object stands since then
};

}  // namespace

Result<MadeClaim> EvidenceSource::make_claim(const LineStep& step, const Enrolled& device,
                                             const std::string& channel, std::uint64_t start,
                                             std::uint64_t end) const {
  MadeClaim made;
  Claim& claim = made.claim;
  claim.step = step.label;
  claim.device = device.kid;
  claim.enroller = device.enroller;
  claim.channel = channel;
  claim.start = start;
  claim.end = end;
  claim.limits = step.limits;
  claim.expected = (end - start) / step.interval;
  LM_ASSIGN(auto stored, log_part(device.kid, start, end));
  std::vector<merkle::AnnotatedNode> leaves;
  bool known = false;
  StepView view(claim, step.interval);
  for (const auto& s : stored) {
    std::uint64_t place = 0;
    if (is_gap_object(s.wire)) {
      view.gap();
    } else {
      LM_ASSIGN(auto wire, open_wire(s.wire, chain_, [](const auto&) { return Errc::kOk; }));
      const auto& bundle = wire.bundle;
      view.bundle(bundle.body, wire);
      take_unit(bundle.body, claim, known);
      take_gaps(bundle.body, claim);
      LM_ASSIGN(auto leaf, leaf_of(bundle, claim));
      if (leaf) leaves.push_back(leaf->node);
      const auto& channels = bundle.body.channels;
      for (std::uint64_t i = 0; i < channels.size(); ++i) {
        if (channels[i].name == channel) place = i;
      }
    }
    made.bundles.push_back({s.id, place});
  }
  if (leaves.empty()) {
    return fail(Errc::kNotReady,
                fmt::format("no reading of {} {} between {} and {} has arrived", device.name,
                            channel, to_iso(from_ms(static_cast<std::int64_t>(start))),
                            to_iso(from_ms(static_cast<std::int64_t>(end)))));
  }
  LM_ASSIGN(auto root, merkle::annotated_root(leaves));
  claim.annotation = root.annotation;
  claim.root = root.hash;
  claim.tree_size = leaves.size();
  claim.gap_edge = gap_edge(claim);
  finish_gaps(claim);
  made.in_step = view.finish();
  return made;
}

Result<Bytes> EvidenceSource::wire(const Digest& id) const {
  LM_ASSIGN(auto stored, intake_->find(id));
  if (!stored) return fail(Errc::kCorrupt, "bundle " + short_hex(id) + " is not in the intake log");
  return std::move(stored->wire);
}

}  // namespace lotmark::chain

#include "ledger-node/review/claim_check.h"

#include <fmt/format.h>

#include "core/base/hex.h"

namespace lotmark::review {

void ClaimCheck::add(FindingCode code, std::string text, std::uint64_t more,
                     std::optional<ReadingProof> proof) {
  FoundItem item;
  item.finding = {static_cast<std::uint64_t>(code), subject() + " " + std::move(text),
                  std::nullopt};
  item.claim = place_;
  item.more = more;
  item.proof = std::move(proof);
  list_.add(std::move(item));
}

// "cold-storage fridge-2 temp"
std::string ClaimCheck::subject() const {
  return claim_.step + " " + book_.device_name(claim_.device) + " " + claim_.channel;
}

std::string ClaimCheck::shown(std::int64_t value) const {
  return to_decimal(value, claim_.exp.value);
}

void ClaimCheck::run(const std::vector<EvidenceRef>& refs) {
  check_words();
  if (refs.empty()) return add(FindingCode::kEvidenceMissing, "no bundles are shown");
  if (!gather(refs)) return;
  check_log();
  check_tree();
  check_declared();
  if (!readings_hold_ || leaves_.empty()) return;  // said already
  collect_readings();
  check_values();
  check_pauses();
  check_count();
  check_calibration();
}

// What the claim says of its line and device, not of its readings.
void ClaimCheck::check_words() {
  if (claim_.limits != step_.limits) {
    add(FindingCode::kRootMismatch, "claims other limits than the line file");
  }
  const auto device = in_.enrolled->find(claim_.device);
  if (device != in_.enrolled->end() && device->second.enroller != claim_.enroller) {
    add(FindingCode::kRootMismatch, "names another enroller than the chain");
  }
  const std::uint64_t expected = (claim_.end - claim_.start) / step_.interval;
  if (claim_.expected != expected) {
    add(FindingCode::kCountShort,
        fmt::format("expects {} readings, the line file {}", claim_.expected, expected));
  }
}

// Opens what the claim rests on; false if something is not there to be judged.
bool ClaimCheck::gather(const std::vector<EvidenceRef>& refs) {
  bool all = true;
  std::set<Digest> seen;
  for (const auto& ref : refs) {
    const OpenedEvidence* evidence = book_.open(ref.bundle);
    if (evidence == nullptr) {
      all = false;
    } else if (evidence->device() != claim_.device || !seen.insert(ref.bundle).second) {
      add(FindingCode::kRootMismatch,
          "bundle " + short_hex(ref.bundle) + " is another device's or named twice");
      all = false;
    } else {
      log_.push_back(evidence);
      if (evidence->bundle && !add_leaf(*evidence, ref.place)) all = false;
    }
  }
  return all;
}

// The channel is looked for by name, so that no place can be named to hide its readings.
bool ClaimCheck::add_leaf(const OpenedEvidence& evidence, std::uint64_t place) {
  const Bundle& bundle = evidence.bundle->body;
  std::optional<std::uint64_t> at;
  for (std::uint64_t i = 0; i < bundle.channels.size(); ++i) {
    if (bundle.channels[i].name == claim_.channel) at = i;
  }
  take_gaps(bundle, at);
  if (!at) return true;
  const Channel& channel = bundle.channels[*at];
  const bool empty = channel.annotation.index() == 0;
  const auto* annotation = std::get_if<merkle::Annotation>(&channel.annotation);
  if (place != *at || (!empty && (annotation == nullptr || channel.unit != claim_.unit ||
                                  channel.exp != claim_.exp))) {
    add(FindingCode::kRootMismatch,
        "bundle " + short_hex(evidence.bundle->id) + " holds that channel otherwise than claimed");
    return false;
  }
  if (empty) return true;
  const merkle::AnnotatedNode root{*annotation, *channel.root};
  Leaf leaf;
  leaf.evidence = &evidence;
  leaf.channel = static_cast<std::uint32_t>(*at);
  leaf.entry = merkle::evidence_entry(evidence.bundle->id, *at, root);
  leaf.node = {*annotation, merkle::leaf_hash(leaf.entry)};
  leaves_.push_back(std::move(leaf));
  readings_hold_ = readings_hold_ && evidence.readings_hold;
  return true;
}

void ClaimCheck::take_gaps(const Bundle& bundle, std::optional<std::uint64_t> channel) {
  for (const auto& g : bundle.gaps) {
    if (!g.channel || (channel && *g.channel == *channel)) declared_.push_back(g);
  }
}

// Neighbours must be neighbours in the device's log: a bundle left out between them is time without evidence.
void ClaimCheck::check_log() {
  for (std::size_t i = 0; i < log_.size(); ++i) {
    if (log_[i]->gap) lost_.push_back(around(i, i));
    const std::string fault = i > 0 ? log_fault(*log_[i - 1], *log_[i]) : "";
    if (fault.empty()) continue;
    const Span hole = around(i - 1, i);
    holes_.push_back(hole);
    add(FindingCode::kEvidenceMissing,
        fmt::format("{}, {} to {}", fault, iso_of_ms(hole.from), iso_of_ms(hole.to)));
  }
}

// The time between the nearest bundle up to `left` and the nearest from `right` on; of a gap object both are
// its own place, and the step's ends stand in where there is no bundle.
ClaimCheck::Span ClaimCheck::around(std::size_t left, std::size_t right) const {
  Span span{claim_.start, claim_.end};
  for (std::size_t i = 0; i <= left; ++i) {
    if (log_[i]->bundle) span.from = log_[i]->bundle->body.to;
  }
  for (std::size_t i = log_.size(); i > right; --i) {
    if (log_[i - 1]->bundle) span.to = log_[i - 1]->bundle->body.from;
  }
  return span;
}

// Why `after` does not follow `before` in the device's log; empty if it does.
std::string ClaimCheck::log_fault(const OpenedEvidence& before, const OpenedEvidence& after) const {
  const std::uint64_t seq = after.bundle ? after.bundle->body.seq : after.gap->body.seq;
  const std::uint64_t last = after.bundle ? seq : after.gap->body.last;
  const auto& prev = after.bundle ? after.bundle->body.prev : after.gap->body.prev;
  if (before.life() != after.life()) {
    return seq == 1 ? ""
                    : fmt::format("objects 1 to {} of the device's new log are not shown", seq - 1);
  }
  const std::uint64_t stood = before.bundle ? before.bundle->body.seq : before.gap->body.last;
  if (after.gap && seq <= stood && last > stood) {
    return "";  // reaches below: cut to what lies above
  }
  if (seq != stood + 1) {
    return fmt::format("after object {} of the device's log comes {}", stood, seq);
  }
  const std::optional<Digest> id =
      before.bundle ? std::optional(before.bundle->id) : before.gap->body.lost;
  if (prev != id) return fmt::format("object {} of the device's log follows another one", seq);
  return "";
}

void ClaimCheck::check_tree() {
  if (leaves_.empty()) return add(FindingCode::kRootMismatch, "no bundle holds a reading");
  std::vector<merkle::AnnotatedNode> nodes;
  for (const auto& leaf : leaves_) nodes.push_back(leaf.node);
  const auto root = merkle::annotated_root(nodes);
  if (!root) {
    return add(FindingCode::kRootMismatch, "bundles do not join: " + root.error().message());
  }
  if (nodes.size() != claim_.tree_size || root->annotation != claim_.annotation ||
      root->hash != claim_.root) {
    add(FindingCode::kRootMismatch, "evidence tree is not the claim's");
  }
}

// The claim repeats the gaps its bundles declare: none of the step may be left out, none be invented.
void ClaimCheck::check_declared() {
  const auto same = [](const DeclaredGap& a, const DeclaredGap& b) {
    return a.from == b.from && a.to == b.to && a.reason == b.reason;
  };
  const auto listed = [&](const DeclaredGap& g, const std::vector<DeclaredGap>& in) {
    return std::any_of(in.begin(), in.end(), [&](const auto& x) { return same(g, x); });
  };
  for (const auto& g : claim_.gaps) {
    const bool lost = std::any_of(lost_.begin(), lost_.end(),
                                  [&](const Span& s) { return g.from >= s.from && g.to <= s.to; });
    if (!listed(g, declared_) && !lost) {
      return add(FindingCode::kRootMismatch, "claims a gap no bundle declares");
    }
  }
  if (claim_.gaps.size() == 64) return;  // as many as a claim can hold
  for (const auto& g : declared_) {
    const bool meets = g.from < claim_.end && g.to >= claim_.start;
    if (meets && !listed(g, claim_.gaps)) {
      return add(FindingCode::kRootMismatch, "leaves out a gap its bundles declare");
    }
  }
}

void ClaimCheck::collect_readings() {
  for (std::uint32_t l = 0; l < leaves_.size(); ++l) {
    const auto& r = leaves_[l].evidence->readings[leaves_[l].channel];
    for (std::uint32_t i = 0; i < r.times.size(); ++i) {
      readings_.push_back({r.times[i], r.quantity[i], l, i});
    }
  }
}

// Trailing zeros of a decimal fraction say nothing in a limit: 8.00 is shown as 8.
static std::string short_decimal(std::int64_t value, std::int64_t exp) {
  std::string s = to_decimal(value, exp);
  if (s.find('.') == std::string::npos) return s;
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s;
}

void ClaimCheck::check_values() {
  const Limits& l = step_.limits;
  const Reading* first_out = nullptr;  // the first outside, in time: it is the one shown
  std::uint64_t outside = 0;
  bool at_limit = false;
  for (const auto& r : readings_) {
    if (!in_window(r)) continue;
    at_limit = at_limit || r.value == l.min || r.value == l.max;
    if (r.value >= l.min && r.value <= l.max) continue;
    ++outside;
    if (first_out == nullptr || r.t < first_out->t) first_out = &r;
  }
  const std::string range = fmt::format("{}..{}{}", short_decimal(l.min, claim_.exp.value),
                                        short_decimal(l.max, claim_.exp.value), claim_.unit);
  if (first_out != nullptr) {
    add(FindingCode::kValueOutOfLimits,
        fmt::format("{}{} at {} outside {}", shown(first_out->value), claim_.unit,
                    iso_of_ms(first_out->t), range),
        outside - 1, prove(*first_out));
  } else if (at_limit) {
    add(FindingCode::kReadingAtLimit, "reaches a limit of " + range);
  }
}

std::optional<ReadingProof> ClaimCheck::prove(const Reading& r) const {
  const Leaf& leaf = leaves_[r.leaf];
  const auto& readings = leaf.evidence->readings[leaf.channel];
  std::vector<merkle::AnnotatedNode> channel;
  for (std::uint32_t i = 0; i < readings.times.size(); ++i) {
    channel.push_back(merkle::reading_leaf(leaf.evidence->salt, leaf.channel, i, readings.times[i],
                                           readings.quantity[i]));
  }
  std::vector<merkle::AnnotatedNode> nodes;
  for (const auto& l : leaves_) nodes.push_back(l.node);
  auto path = merkle::annotated_path(channel, r.index);
  auto evidence_path = merkle::annotated_path(nodes, r.leaf);
  if (!path || !evidence_path) return std::nullopt;
  ReadingProof proof;
  proof.t = r.t;
  proof.value = r.value;
  proof.index = r.index;
  proof.sample.entry =
      leaf_entry(leaf.evidence->salt, leaf.channel, r.index, ChannelKind::kQuantity, readings);
  proof.sample.path = *std::move(path);
  proof.sample.evidence_index = r.leaf;
  proof.sample.channel_entry = leaf.entry;
  proof.sample.evidence_path = *std::move(evidence_path);
  return proof;
}

// True if what is left of [from, to] after `by` has no stretch above the step's largest gap.
bool ClaimCheck::covered(std::uint64_t from, std::uint64_t to, const std::vector<Span>& by) const {
  std::vector<Span> spans = by;
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from < b.from; });
  std::uint64_t reached = from;
  for (const auto& s : spans) {
    if (s.to < reached || s.from > to) continue;
    if (s.from > reached && s.from - reached > step_.limits.gap_max) return false;
    reached = std::max(reached, s.to);
  }
  return reached >= to || to - reached <= step_.limits.gap_max;
}

void ClaimCheck::check_pauses() {
  std::vector<Span> pauses;
  const std::uint64_t first = readings_.front().t;
  const std::uint64_t last = readings_.back().t;
  if (first > claim_.start) pauses.push_back({claim_.start, std::min(first, claim_.end)});
  for (std::size_t i = 1; i < readings_.size(); ++i) {
    const auto [a, b] = std::pair(readings_[i - 1].t, readings_[i].t);
    if (b > claim_.start && a < claim_.end) pauses.push_back({a, b});
  }
  if (last < claim_.end) pauses.push_back({std::max(last, claim_.start), claim_.end});

  std::vector<Span> excused = holes_;  // found as evidence-missing
  std::vector<Span> declared = lost_;
  for (const auto& g : declared_) declared.push_back({g.from, g.to});
  declared.insert(declared.end(), holes_.begin(), holes_.end());
  std::map<FindingCode, std::pair<Span, std::uint64_t>> worst;
  for (const auto& p : pauses) {
    if (p.to < p.from || p.to - p.from <= step_.limits.gap_max || covered(p.from, p.to, excused)) {
      continue;
    }
    const auto code =
        covered(p.from, p.to, declared) ? FindingCode::kDeclaredGap : FindingCode::kGapTooLong;
    auto [it, fresh] = worst.try_emplace(code, p, 0);
    if (!fresh) ++it->second.second;
    if (p.to - p.from > it->second.first.to - it->second.first.from) it->second.first = p;
  }
  for (const auto& [code, what] : worst) {
    add(code,
        fmt::format("{}pause of {} s from {}, at most {} s",
                    code == FindingCode::kDeclaredGap ? "declared " : "",
                    to_decimal(static_cast<std::int64_t>(what.first.to - what.first.from), -3),
                    iso_of_ms(what.first.from),
                    to_decimal(static_cast<std::int64_t>(step_.limits.gap_max), -3)),
        what.second);
  }
}

// As many readings in the step as its length asks for, but for those that declared gaps stand for.
void ClaimCheck::check_count() {
  if (!holes_.empty()) return;
  std::uint64_t have = 0;
  for (const auto& r : readings_) have += in_window(r) ? 1 : 0;
  std::vector<chain::Span> spans = lost_;
  for (const auto& g : declared_) spans.push_back({g.from, g.to});
  const std::uint64_t declared =
      chain::declared_readings(std::move(spans), claim_.start, claim_.end, step_.interval);
  const std::uint64_t expected = (claim_.end - claim_.start) / step_.interval;
  if (have + declared < expected) {
    add(FindingCode::kCountShort,
        fmt::format("{} readings of {} expected, {} declared missing", have, expected, declared));
  }
}

}  // namespace lotmark::review

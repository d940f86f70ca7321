#include "tests/unit/review/lot_maker.h"

#include "core/wire/cbor_writer.h"
#include "tests/must.h"

namespace lotmark::test {

using review::ClaimEvidence;
using review::EvidenceRef;

namespace {

constexpr std::uint64_t kMinute = 60000;

Bytes segment(std::string name, Audience audience, std::string_view media, Bytes content) {
  static std::uint8_t salt = 0;
  Segment s;
  s.salt.bytes[0] = ++salt;
  s.name = std::move(name);
  s.audience = audience;
  s.media = media;
  s.content = std::move(content);
  return encode(s);
}

}  // namespace

LotMaker::LotMaker(Consortium& c)
    : fridge(c.fridge, c.chain, 600),
      room(c.room, c.chain, 600),
      c_(c),
      begin_(static_cast<std::uint64_t>(to_ms(c.options.begin))) {
  room_t.name = "t";
  enrol();
  start = c.start_signal();
}

void LotMaker::enrol() {
  for (const auto& e : c_.statement.enrolments) {
    const KeyId kid = key_id(e.public_key);
    enrolled_[kid] = {e.public_key, kid, e.kind, e.name, e.organisation, c_.root.kid(), 0};
  }
}

void LotMaker::keep(const std::vector<Bytes>& wires) {
  for (const auto& wire : wires) {
    auto opened = must(open_wire(wire, c_.chain, [](const auto&) { return Errc::kOk; }));
    const Digest id = opened.bundle.id;
    made_.emplace(id, Made{std::move(opened), wire, intake_.size()});
    intake_.append_entry(id.view());
    order_.push_back(id);
  }
}

void LotMaker::measure() {
  const std::uint64_t turn = pause_ms != 0 ? pause_at : at(60);
  keep(fridge.run(at(0), turn, kMinute, {fridge_t}));
  if (pause_ms != 0) keep(fridge.run(turn + pause_ms, at(60), kMinute, {fridge_t}));
  keep(room.run(at(0), at(60), kMinute, {room_t, room_h}));
}

std::vector<EvidenceRef> LotMaker::refs_of(const KeyId& device, const std::string& channel,
                                           std::uint64_t from, std::uint64_t to) const {
  std::vector<EvidenceRef> out;
  for (const auto& id : order_) {
    const Bundle& b = made_.at(id).opened.bundle.body;
    if (b.device != device || b.from >= to || b.to < from) continue;
    for (std::uint64_t i = 0; i < b.channels.size(); ++i) {
      if (b.channels[i].name == channel) out.push_back({id, i});
    }
  }
  return out;
}

Claim LotMaker::make_claim(const LineStep& line, const Step& step, const KeyId& device,
                           const std::string& channel, std::vector<EvidenceRef>& refs) {
  Claim c;
  c.step = step.label;
  c.device = device;
  c.enroller = c_.root.kid();
  c.channel = channel;
  c.start = step.start;
  c.end = step.end;
  c.expected = (c.end - c.start) / line.interval;
  c.limits = line.limits;
  refs = refs_of(device, channel, c.start, c.end);
  if (edit_evidence) edit_evidence(c, refs);
  std::vector<merkle::AnnotatedNode> leaves;
  for (const auto& r : refs) {
    const auto& made = made_.at(r.bundle).opened.bundle;
    const Channel& ch = made.body.channels.at(r.place);
    c.unit = ch.unit;
    c.exp = ch.exp;
    for (const auto& g : made.body.gaps) {
      if ((!g.channel || *g.channel == r.place) && g.from < c.end && g.to >= c.start) {
        c.gaps.push_back(g);
      }
    }
    if (!ch.root) continue;
    leaves.push_back(merkle::evidence_leaf(
        made.id, r.place, {std::get<merkle::Annotation>(ch.annotation), *ch.root}));
  }
  const auto root = must(merkle::annotated_root(leaves));
  c.annotation = root.annotation;
  c.root = root.hash;
  c.tree_size = leaves.size();
  c.gap_edge = 0;
  if (c.annotation.t_first > c.start) c.gap_edge = c.annotation.t_first - c.start;
  if (c.end > c.annotation.t_last) c.gap_edge = std::max(c.gap_edge, c.end - c.annotation.t_last);
  if (edit_claim) edit_claim(c);
  return c;
}

void LotMaker::add_step(const Step& step) {
  const auto line = std::find_if(c_.line.steps.begin(), c_.line.steps.end(),
                                 [&](const LineStep& l) { return l.label == step.label; });
  std::vector<Bytes> segments;
  std::vector<ClaimEvidence> evidence;
  for (const auto& device : line->devices) {
    for (const auto& channel : line->channels) {
      std::vector<EvidenceRef> refs;
      const Bytes claim = encode(make_claim(*line, step, device, channel, refs));
      evidence.push_back({segments.size(), refs});
      segments.push_back(segment(std::string(kClaimName), Audience::kPublic, kClaimMedia, claim));
      if (channel == c_.programme.limits[0].channel) claims_.push_back(claim);
    }
  }
  RecordHead head;
  head.step = step.label;
  head.kind = RecordKind::kStep;
  head.author = line->author;
  add_row(head, std::move(segments), std::move(evidence),
          line->author == c_.qa.kid() ? c_.qa : c_.packer);
}

void LotMaker::add_decoy() {
  RecordHead head;
  head.kind = RecordKind::kDecoy;
  head.author = c_.enterprise.kid();
  add_row(head, {segment("", Audience::kRegulator, kDecoyMedia, Bytes(32, 7))}, {}, c_.enterprise);
}

void LotMaker::add_release() {
  RecordHead head;
  head.kind = RecordKind::kRelease;
  head.author = c_.enterprise.kid();
  std::vector<Bytes> segments;
  for (const auto& claim : claims_) {
    segments.push_back(segment(std::string(kClaimName), Audience::kPublic, kClaimMedia, claim));
  }
  add_row(head, std::move(segments), {}, c_.enterprise);
}

void LotMaker::add_row(RecordHead head, std::vector<Bytes> segments,
                       std::vector<ClaimEvidence> evidence, const Party& author) {
  const std::size_t n = rows.rows.size();
  head.time = at(10) + n * c_.options.spacing_ms;
  head.segments = segments.size();
  if (edit_head) edit_head(n, head);
  if (edit_segments) edit_segments(n, segments);
  head.segments = segments.size();
  const Digest commitment = lotmark::commitment(c_.chain, start.id, head, segments_root(segments));
  const auto other = signed_by.find(n);
  const Signer& signer = other != signed_by.end() ? *other->second->signer : *author.signer;
  const Digest before = n == 0 ? start.id : rows.rows.back().hash;
  review::LotRow row;
  row.head = encode(head);
  row.segments = std::move(segments);
  row.record = must(seal(Record{commitment, {}}, signer, c_.chain)).bytes;
  const Digest prev = n == 0 ? start.id : transactions.back().id;
  transactions.push_back(
      must(seal(Transaction{commitment, prev, head.time}, *c_.enterprise.signer, c_.chain)));
  row.transaction = transactions.back().bytes;
  row.hash = row_hash(commitment, head.time, before);
  row.evidence = std::move(evidence);
  rows.rows.push_back(std::move(row));
}

void LotMaker::build() {
  Opening o;
  o.start = start.id;
  o.programme = c_.programme.id;
  o.line = c_.line_hash;
  o.gtin = Consortium::gtin();
  o.lot = LotNumber{"A-2026/01"};
  o.reviewers = {c_.east.kid(), c_.west.kid()};
  for (std::uint64_t i = 0; i < c_.options.count; ++i) {
    o.slots.push_back(at(10) + i * c_.options.spacing_ms);
  }
  if (edit_opening) edit_opening(o);
  opening = must(seal(o, *c_.enterprise.signer, c_.chain));
  rows.opening = opening.bytes;
  rows.start = start.bytes;
  measure();
  add_decoy();
  add_step({"filling", at(0), at(20)});
  add_decoy();
  add_step({"storage", at(10), at(40)});
  add_step({"packing", at(20), at(50)});
  add_decoy();
  add_release();
  Application a;
  a.opening = opening.id;
  a.start = start.id;
  a.programme = o.programme;
  a.gtin = o.gtin;
  a.product = "Vaccine A";
  a.lot = {"A-2026/01"};
  a.expires = {20281231};
  merkle::CompactRange tree;
  for (const auto& t : transactions) tree.append(merkle::leaf_hash(t.id.view()));
  a.tx_root = tree.root();
  a.tx_count = transactions.size();
  if (edit_application) edit_application(a);
  application = must(seal(a, *c_.enterprise.signer, c_.chain));
}

review::ReviewInput LotMaker::input() const {
  review::ReviewInput in;
  in.chain = c_.chain;
  in.enrolled = &enrolled_;
  in.enterprise = *c_.statement.find(c_.enterprise.kid());
  in.opening = must(lotmark::open<Opening>(opening.bytes, c_.chain));
  in.start = start.bytes;
  in.line = c_.line;
  in.lateness = c_.options.lateness_ms;
  in.published = {c_.programme.limits[0].channel};
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    in.transactions.push_back({transactions[i].id, at(10) + i * c_.options.spacing_ms + 1000});
  }
  in.rows = rows;
  for (const auto& [id, made] : made_) {
    in.bundles[id] = {{made.wire, made.index, intake_.inclusion(made.index)},
                      {intake_.size(), intake_.root()}};
  }
  return in;
}

Bytes LotMaker::encode_rows(const review::LotRows& rows) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(rows.opening);
    w.bytes(rows.start);
    w.array(rows.rows.size());
    for (const auto& r : rows.rows) {
      w.array(r.recipients.empty() ? 6 : 7);
      w.bytes(r.head);
      w.array(r.segments.size());
      for (const auto& s : r.segments) w.bytes(s);
      w.bytes(r.record);
      w.bytes(r.transaction);
      w.bytes(r.hash.view());
      w.array(r.evidence.size());
      for (const auto& e : r.evidence) {
        w.array(2);
        w.uint(e.segment);
        w.array(e.bundles.size());
        for (const auto& b : e.bundles) {
          w.array(2);
          w.bytes(b.bundle.view());
          w.uint(b.place);
        }
      }
      if (r.recipients.empty()) continue;
      w.array(r.recipients.size());
      for (const auto& [segment, recipient] : r.recipients) {
        w.array(2);
        w.uint(segment);
        w.bytes(recipient);
      }
    }
  });
}

Bytes LotMaker::rows_answer() const { return encode_rows(rows); }

Bytes LotMaker::bundle_answer(const Digest& id, std::uint64_t size) const {
  const Made& made = made_.at(id);
  merkle::Path path;
  if (made.index < size && size <= intake_.size()) {
    path = merkle::inclusion_path(intake_, made.index, size);
  }
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(made.wire);
    w.uint(made.index);
    w.array(path.size());
    for (const auto& h : path) w.bytes(h.view());
  });
}

}  // namespace lotmark::test

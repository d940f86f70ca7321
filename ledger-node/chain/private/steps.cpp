#include "ledger-node/chain/private/steps.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/base/random.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/private/calibration.h"
#include "ledger-node/chain/private/step_calibration.h"

namespace lotmark::chain {

namespace {

// A record's time: now, but never before the row before it.
std::uint64_t record_time(const Batch& b, Time now) { return std::max(unix_ms(now), b.time); }

Segment segment(std::string_view name, Audience audience, std::string_view media, Bytes content) {
  return {random_fixed<Salt>(), std::string(name), audience, std::string(media),
          std::move(content)};
}

Draft draft_of(const Digest& chain, const Batch& b, RecordHead head, std::vector<Bytes> segments,
               const std::vector<ClaimEvidence>& evidence) {
  Draft d;
  head.segments = segments.size();
  d.commitment = commitment(chain, b.start(), head, segments_root(segments));
  d.head = std::move(head);
  d.segments = std::move(segments);
  d.evidence = encode_evidence(evidence);
  return d;
}

Status sign_own(const Digest& chain, Draft& d, const Signer& signer) {
  LM_ASSIGN(auto object, seal(Record{d.commitment, {}}, signer, chain));
  d.object = std::move(object.bytes);
  return {};
}

Status check_request(const Batch& b, const LineStep& step, const StepRequest& r, Time now) {
  if (b.tx_ids.size() >= b.count()) {
    return fail(Errc::kOpeningCount,
                "all " + std::to_string(b.count()) + " transactions of the lot have left");
  }
  if (step.devices.empty() != !r.start.has_value() || r.start.has_value() != r.end.has_value()) {
    return fail(Errc::kUsage, "step " + step.label +
                                  (step.devices.empty() ? " has no devices: no start and end"
                                                        : " needs its start and end"));
  }
  if (r.start && *r.start >= *r.end)
    return fail(Errc::kTimeOrder, "the step's start is not before its end");
  if (r.end && *r.end > unix_ms(now)) return fail(Errc::kNotReady, "the step ends in the future");
  if (step.devices.empty() && r.notes.empty())
    return fail(Errc::kRecordSegments, "a step without devices needs a note");
  for (const auto& n : r.notes) {
    const bool taken = n.name == kClaimName || n.name == kBirthName || n.name == kCalibrationName ||
                       n.name == kEventsName || n.name == sealed::kName;
    if (n.name.empty() || n.name.size() > limits::kText || taken || n.text.empty())
      return fail(
          Errc::kUsage,
          "a note has a name, not 'claim', 'birth', 'calibration', 'epcis' or 'sealed', and a "
          "text");
    if (n.text.size() > limits::kSegmentContent) return fail(Errc::kSegmentSize, "note " + n.name);
  }
  return {};
}

// What a reviewer would find in a claim, told while it can still be explained: by the readings inside the step.
void warn(const Claim& c, const InStep& a, const std::string& device,
          std::vector<std::string>& out) {
  const auto shown = [&](std::int64_t v) { return to_decimal(v, c.exp.value) + c.unit; };
  const std::string who = device + " " + c.channel;
  if (a.count > 0 && (a.min < c.limits.min || a.max > c.limits.max)) {
    out.push_back(fmt::format("{}: {} to {}, limits {} to {}", who, shown(a.min), shown(a.max),
                              shown(c.limits.min), shown(c.limits.max)));
  }
  if (a.pause_max > c.limits.gap_max) {
    out.push_back(
        fmt::format("{}: a pause of {} ms, limit {} ms", who, a.pause_max, c.limits.gap_max));
  }
  if (a.count + a.declared < c.expected) {
    out.push_back(fmt::format(
        "{}: {} readings, {} expected{}", who, a.count, c.expected,
        a.declared == 0 ? std::string() : fmt::format(", {} declared missing", a.declared)));
  }
  if (!c.gaps.empty()) out.push_back(fmt::format("{}: {} declared gaps", who, c.gaps.size()));
}

bool stands_in(const std::vector<EventSpan>& spans, std::uint64_t n) {
  return std::any_of(spans.begin(), spans.end(),
                     [n](const auto& s) { return s.first <= n && n <= s.last; });
}

// Events captured since the step before, as one tree: root and count stand in the record. Those of steps that are
// signed and wait for their slot are spoken for.
Status add_events(const StepContext& context, std::vector<Segment>& segments,
                  std::vector<EventSpan>& spans) {
  if (context.events == nullptr) return {};
  std::vector<EventSpan> taken;
  for (const auto& d : context.earlier) {
    LM_ASSIGN(const auto of_it, context.events->spans_of(d.commitment));
    taken.insert(taken.end(), of_it.begin(), of_it.end());
  }
  LM_ASSIGN(const auto leaves,
            context.events->pending_of(context.batch.start(), 0, kEventsInSegment));
  merkle::CompactRange tree;
  for (const auto& leaf : leaves) {
    if (stands_in(taken, leaf.n)) continue;
    add_to_spans(spans, segments.size(), tree.size(), leaf.n);
    tree.append(merkle::leaf_hash(event_entry(leaf)));
  }
  if (tree.size() == 0) return {};
  segments.push_back(
      segment(kEventsName, Audience::kRegulator, kEventsMedia, encode_event_tree(tree)));
  return {};
}

// What the public will see of the steps: their segments anew, each with a salt of its own.
struct Shown {
  std::vector<Bytes> segments;
  std::vector<ClaimEvidence> evidence;
  std::size_t bytes = 0;
};

bool published(const Segment& s, const Programme& p) {
  if (s.media != kClaimMedia) return s.audience == Audience::kPublic;
  auto claim = decode<Claim>(s.content);
  return claim && std::any_of(p.limits.begin(), p.limits.end(),
                              [&](const auto& l) { return l.channel == claim->channel; });
}

Status show(std::vector<Segment> segments, std::vector<ClaimEvidence> evidence, const Programme& p,
            Shown& out) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    Segment& s = segments[i];
    if (!published(s, p)) continue;
    for (auto& e : evidence) {
      if (e.segment == i) out.evidence.push_back({out.segments.size(), std::move(e.bundles)});
    }
    out.segments.push_back(
        encode(segment(s.name, Audience::kPublic, s.media, std::move(s.content))));
    out.bytes += out.segments.back().size();
  }
  if (out.segments.size() > limits::kSegments || out.bytes > kPublicBytesMax) {
    return fail(Errc::kTooLarge,
                "the lot would show more than 256 claims and notes, or more than 128 KiB");
  }
  return {};
}

Status show(const Draft& step, const Programme& p, const SegmentReader* reader, Shown& out) {
  LM_ASSIGN(auto evidence, decode_evidence(step.evidence));
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < step.segments.size(); ++i) {
    auto s = reader != nullptr ? reader->read(step.commitment, i, step.segments[i])
                               : decode<Segment>(step.segments[i]);
    if (!s)
      return fail(s.code(), "step " + step.head.step.value_or("") + ", segment " +
                                std::to_string(i) + ": " + s.error().text);
    segments.push_back(*std::move(s));
  }
  return show(std::move(segments), std::move(evidence), p, out);
}

// Whoever reviews must be able to open what is sealed.
void warn_of_closed(const StepContext& context, std::uint64_t now_ms,
                    std::vector<std::string>& warnings) {
  if (context.sealing == nullptr) return;
  for (const auto& kid : context.sealing->without_key(context.batch.opening.body, now_ms)) {
    const Member* m = context.chain.member(kid);
    warnings.push_back(
        (m != nullptr ? m->organisation : to_hex(kid)) +
        " has no reader's key here ([[sealing.readers]] member): it cannot open what "
        "is sealed, and refuses the lot");
  }
  const Opening& o = context.batch.opening.body;
  const std::uint64_t last = o.slots.empty() ? 0 : o.slots.back() + context.programme.lateness;
  for (const auto* r : context.sealing->ending_before(o, last)) {
    warnings.push_back("reader " + r->name + " ends ([[sealing.readers]] until " +
                       to_iso(from_ms(static_cast<std::int64_t>(*r->until))) +
                       ") before the lot's last deadline: steps prepared from then on stay closed "
                       "to that reviewer, who refuses the lot");
  }
}

}  // namespace

Result<PreparedStep> prepare_step(const StepContext& context, const StepRequest& r,
                                  const KeyId& author, Time now) {
  const auto& [chain, evidence, b, line, programme, earlier, births, events, sealing, reader] =
      context;
  const auto step = std::find_if(line.steps.begin(), line.steps.end(),
                                 [&](const auto& s) { return s.label == r.step; });
  if (step == line.steps.end())
    return fail(Errc::kNotFound, "line " + line.name + " has no step " + r.step);
  if (step->author != author) {
    const Enrolled* due = chain.enrolled(step->author);
    return fail(Errc::kDenied, "author-wrong: step " + r.step + " is signed by " +
                                   (due != nullptr ? due->name : to_hex(step->author)));
  }
  LM_TRY(check_request(b, *step, r, now));
  PreparedStep out;
  std::vector<Segment> segments;
  std::vector<ClaimEvidence> bundles;
  for (const auto& kid : step->devices) {
    const Enrolled* device = chain.enrolled(kid);
    if (device == nullptr)
      return fail(Errc::kDeviceUnknown, "device " + to_hex(kid) + " is not enrolled");
    for (const auto& channel : step->channels) {
      LM_ASSIGN(auto made, evidence.make_claim(*step, *device, channel, *r.start, *r.end));
      bundles.push_back({segments.size(), std::move(made.bundles)});
      segments.push_back(
          segment(kClaimName, Audience::kRegulator, kClaimMedia, encode(made.claim)));
      warn(made.claim, made.in_step, device->name, out.warnings);
      out.claims.push_back(std::move(made.claim));
    }
  }
  for (const auto& n : r.notes)
    segments.push_back(segment(n.name, n.audience, "text/plain", to_bytes(as_bytes(n.text))));
  if (segments.size() > limits::kSegments)
    return fail(Errc::kRecordSegments, "more than 256 claims and notes");
  LM_ASSIGN(auto calibration,
            calibration_segments(context, *step, out.claims, limits::kSegments - segments.size()));
  for (auto& s : calibration)
    segments.push_back(segment(s.name, s.audience, s.media, std::move(s.content)));
  std::vector<EventSpan> spans;
  if (segments.size() < limits::kSegments) LM_TRY(add_events(context, segments, spans));
  RecordHead head;
  head.step = step->label;
  head.kind = RecordKind::kStep;
  head.time = record_time(b, now);
  head.author = author;
  LM_ASSIGN(auto sealed, seal_segments(chain.chain_id(), b.opening.body, segments, sealing,
                                       unix_ms(now), r.reader ? &*r.reader : nullptr));
  out.draft = draft_of(chain.chain_id(), b, std::move(head), std::move(sealed.entries), bundles);
  out.draft.events = std::move(spans);
  out.draft.keys = std::move(sealed.keys);
  out.recipients = std::move(sealed.authors);
  warn_of_closed(context, unix_ms(now), out.warnings);
  Shown shown;
  for (const auto& d : earlier) LM_TRY(show(d, programme, reader, shown));
  LM_TRY(show(std::move(segments), std::move(bundles), programme, shown));
  return out;
}

Status check_signed(const PublicChain& chain, const Draft& d, ByteView object) {
  LM_ASSIGN(auto record, open<Record>(object, chain.chain_id()));
  if (record.body.commitment != d.commitment || record.body.inner) return Errc::kCommitmentMismatch;
  const Enrolled* author = chain.enrolled(record.kid);
  if (record.kid != d.head.author || author == nullptr || author->kind == EnrolmentKind::kStart) {
    return fail(Errc::kDeviceUnknown, "a step is signed by its author " + to_hex(d.head.author));
  }
  if (!record.verified_by(author->key)) return Errc::kCoseSignature;
  return {};
}

Result<Draft> make_decoy(const Digest& chain, const Batch& b, const Signer& signer, Time now) {
  RecordHead head;
  head.kind = RecordKind::kDecoy;
  head.time = record_time(b, now);
  head.author = signer.kid();
  const auto content = random_fixed<Digest>();
  auto d = draft_of(
      chain, b, head,
      {encode(segment("", Audience::kRegulator, kDecoyMedia, to_bytes(content.view())))}, {});
  LM_TRY(sign_own(chain, d, signer));
  return d;
}

Result<Draft> make_release_record(const Digest& chain, const Batch& b,
                                  const std::vector<Draft>& steps, const Programme& programme,
                                  const Signer& signer, Time now, const SegmentReader* reader) {
  Shown shown;
  for (const auto& step : steps) LM_TRY(show(step, programme, reader, shown));
  auto& segments = shown.segments;
  if (segments.empty()) {  // nothing to show: a record has one segment at least
    segments.push_back(encode(
        segment("", Audience::kRegulator, kDecoyMedia, to_bytes(random_fixed<Digest>().view()))));
  }
  RecordHead head;
  head.kind = RecordKind::kRelease;
  head.time = record_time(b, now);
  head.author = signer.kid();
  auto d = draft_of(chain, b, head, std::move(segments), shown.evidence);
  LM_TRY(sign_own(chain, d, signer));
  return d;
}

Result<Placed> place(const Digest& chain, const Batch& b, Draft draft, const Signer& signer,
                     Time now) {
  LM_ASSERT(draft.object && draft.head.time >= b.time);
  Placed p;
  p.row.n = b.tx_ids.size();
  p.row.time = draft.head.time;
  p.row.previous = b.hash;
  p.row.hash = row_hash(draft.commitment, draft.head.time, b.hash);
  p.tx_time = std::max({unix_ms(now), draft.head.time, b.tx_time});
  LM_ASSIGN(p.transaction,
            seal(Transaction{draft.commitment, b.last_tx(), p.tx_time}, signer, chain));
  p.row.record = std::move(draft);
  return p;
}

}  // namespace lotmark::chain

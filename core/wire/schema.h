// The shape of every payload, once: place = order in the list, names as in docs/format/keys.md, and the rules of
// single places. Encoder, decoder and JSON printer are all made from these lists; rules that join places are in
// checks.h. Included by core/wire's own sources only.
#pragma once

#include <tuple>

#include "core/wire/complaint.h"
#include "core/wire/cut.h"
#include "core/wire/event_proof.h"
#include "core/wire/evidence.h"
#include "core/wire/limits.h"
#include "core/wire/place_rules.h"
#include "core/wire/receipt.h"
#include "core/wire/rollover.h"
#include "core/wire/usage.h"

namespace lotmark::schema {

template <class S, class F>
struct Field {
  const char* name;
  F S::*member;
  Range range{};           // of a number; of a text's or bstr's length; of a list's count
  Rule<F> rule = nullptr;  // what else the whole place must keep, after its elements
};
template <class S, class F>
constexpr Field<S, F> f(const char* name, F S::*member, Range range = {}, Rule<F> rule = nullptr) {
  return {name, member, range, rule};
}

// Ranges that several shapes have.
inline constexpr Range kPositive{.min = 1};
inline constexpr Range kName{1, 64};
inline constexpr Range kChannelName{1, 32};
inline constexpr Range kWords{1, 256};
inline constexpr Range kPath{0, limits::kPath, Errc::kPathLength};
inline constexpr Range kGaps{0, limits::kGaps, Errc::kBundleGaps};
constexpr Range upto(std::uint64_t max, Errc error = Errc::kFieldRange) { return {0, max, error}; }

// kMap: a map with keys 0, 1, ...; otherwise an array of exactly these places.
template <class S>
struct Shape;

#define LM_SHAPE(S, IS_MAP, ...)                                  \
  template <>                                                     \
  struct Shape<S> {                                               \
    using T = S;                                                  \
    static constexpr bool kMap = IS_MAP;                          \
    static constexpr auto kFields = std::make_tuple(__VA_ARGS__); \
  };

LM_SHAPE(Checkpoint, false, f("size", &T::size), f("root", &T::root))
LM_SHAPE(merkle::Annotation, false, f("count", &T::count), f("min", &T::min), f("max", &T::max),
         f("t_first", &T::t_first), f("t_last", &T::t_last), f("gap_max", &T::gap_max))
LM_SHAPE(CountAnnotation, false, f("count", &T::count), f("t_first", &T::t_first),
         f("t_last", &T::t_last))
LM_SHAPE(merkle::AnnotatedNode, false, f("annotation", &T::annotation), f("hash", &T::hash))
LM_SHAPE(Start, true, f("device", &T::device), f("machine", &T::machine, kName),
         f("boot", &T::boot), f("nonce", &T::nonce), f("anchor", &T::anchor, Range{}, not_empty))
LM_SHAPE(Calibration, false, f("certificate", &T::certificate), f("date", &T::date),
         f("offset", &T::offset), f("accuracy", &T::accuracy), f("exp", &T::exp))
LM_SHAPE(SourceInfo, false, f("name", &T::name), f("channel", &T::channel),
         f("calibration", &T::calibration))
LM_SHAPE(Birth, true, f("device", &T::device), f("life", &T::life), f("boot", &T::boot),
         f("session", &T::session), f("gone", &T::gone), f("program", &T::program),
         f("config", &T::config), f("sources", &T::sources, upto(limits::kSources)),
         f("clock", &T::clock), f("unacked", &T::unacked))
LM_SHAPE(DeclaredGap, false, f("channel", &T::channel), f("from", &T::from), f("to", &T::to),
         f("reason", &T::reason))
LM_SHAPE(Alarm, false, f("channel", &T::channel), f("rule", &T::rule), f("time", &T::time),
         f("value", &T::value))
LM_SHAPE(Channel, false, f("name", &T::name, kChannelName), f("kind", &T::kind),
         f("unit", &T::unit), f("exp", &T::exp), f("annotation", &T::annotation),
         f("root", &T::root))
LM_SHAPE(Bundle, true, f("device", &T::device), f("life", &T::life), f("seq", &T::seq, kPositive),
         f("prev", &T::prev), f("boot", &T::boot), f("anchor", &T::anchor, Range{}, not_empty),
         f("from", &T::from), f("to", &T::to), f("made", &T::made), f("clock", &T::clock),
         f("gaps", &T::gaps, kGaps, in_order), f("alarms", &T::alarms, upto(limits::kAlarms)),
         f("channels", &T::channels, upto(limits::kChannels, Errc::kBundleChannels)))
LM_SHAPE(Gap, true, f("device", &T::device), f("life", &T::life), f("seq", &T::seq, kPositive),
         f("last", &T::last), f("prev", &T::prev), f("lost", &T::lost), f("readings", &T::readings),
         f("reason", &T::reason), f("ack", &T::ack))
LM_SHAPE(AckRefusal, false, f("seq", &T::seq), f("error", &T::error, Range{1, 65535}))
LM_SHAPE(Ack, true, f("device", &T::device), f("life", &T::life), f("through", &T::through),
         f("id", &T::id), f("time", &T::time), f("size", &T::size), f("root", &T::root),
         f("checkpoint", &T::checkpoint, Range{}, not_empty),
         f("refused", &T::refused, upto(limits::kAckRefusals, Errc::kAckRefusals)))
LM_SHAPE(Arrival, true, f("object", &T::object), f("time", &T::time), f("index", &T::index))
LM_SHAPE(Command, true, f("device", &T::device), f("counter", &T::counter), f("expiry", &T::expiry),
         f("command", &T::command), f("from", &T::from))

LM_SHAPE(Limits, false, f("min", &T::min), f("max", &T::max), f("gap_max", &T::gap_max))
LM_SHAPE(LineStep, false, f("label", &T::label, kName), f("devices", &T::devices, upto(32)),
         f("channels", &T::channels, upto(32)), f("limits", &T::limits), f("author", &T::author),
         f("interval", &T::interval, kPositive))
LM_SHAPE(LineFile, true, f("magic", &T::magic), f("name", &T::name, kName),
         f("steps", &T::steps, Range{1, 64}, distinct_labels))
LM_SHAPE(Claim, false, f("step", &T::step, kName), f("device", &T::device),
         f("enroller", &T::enroller), f("channel", &T::channel, kChannelName), f("unit", &T::unit),
         f("exp", &T::exp), f("start", &T::start), f("end", &T::end),
         f("annotation", &T::annotation), f("tree_size", &T::tree_size), f("root", &T::root),
         f("gap_edge", &T::gap_edge), f("gaps", &T::gaps, kGaps, in_order),
         f("expected", &T::expected), f("limits", &T::limits))
LM_SHAPE(Segment, false, f("salt", &T::salt), f("name", &T::name), f("audience", &T::audience),
         f("media", &T::media),
         f("content", &T::content, upto(limits::kSegmentContent, Errc::kSegmentSize)))
LM_SHAPE(Record, true, f("commitment", &T::commitment), f("inner", &T::inner))
LM_SHAPE(Transaction, true, f("commitment", &T::commitment), f("prev", &T::prev),
         f("time", &T::time))
LM_SHAPE(RecordHead, false, f("step", &T::step), f("kind", &T::kind), f("time", &T::time),
         f("author", &T::author), f("corrects", &T::corrects),
         f("segments", &T::segments, Range{1, limits::kSegments, Errc::kRecordSegments}))

LM_SHAPE(Opening, true, f("start", &T::start), f("programme", &T::programme, kName),
         f("line", &T::line), f("gtin", &T::gtin), f("lot", &T::lot),
         f("reviewers", &T::reviewers, Range{1, limits::kReviewers, Errc::kReviewersCount},
           distinct),
         f("slots", &T::slots, upto(limits::kTransactions - 1, Errc::kOpeningCount), never_falling))
LM_SHAPE(Application, true, f("opening", &T::opening), f("start", &T::start),
         f("programme", &T::programme, kName), f("gtin", &T::gtin),
         f("product", &T::product, kWords), f("lot", &T::lot), f("expires", &T::expires),
         f("items", &T::items, Range{}, not_empty), f("tx_root", &T::tx_root),
         f("tx_count", &T::tx_count), f("supersedes", &T::supersedes))
LM_SHAPE(Finding, false, f("code", &T::code, Range{}, finding_code), f("text", &T::text),
         f("object", &T::object))
LM_SHAPE(SampleResult, false, f("claim", &T::claim), f("index", &T::index), f("ok", &T::ok))
LM_SHAPE(Report, true, f("application", &T::application), f("findings", &T::findings, upto(256)),
         f("samples", &T::samples, upto(256)), f("reports", &T::reports, upto(8)),
         f("decision", &T::decision))
LM_SHAPE(Release, true, f("application", &T::application), f("number", &T::number, kName),
         f("report", &T::report), f("reason", &T::reason, kWords))
LM_SHAPE(Refusal, true, f("application", &T::application), f("report", &T::report))
LM_SHAPE(PeriodBody, true, f("number", &T::number), f("heads", &T::heads, upto(1024)),
         f("enrolments", &T::enrolments, upto(1024)),
         f("transactions", &T::transactions, upto(1024)), f("events", &T::events, upto(1024)),
         f("missing", &T::missing, upto(1024), ascending))
LM_SHAPE(CutBody, true, f("first", &T::first), f("last", &T::last), f("archive", &T::archive),
         f("snapshot", &T::snapshot), f("flags", &T::flags, upto(256)))
LM_SHAPE(Block, true, f("kind", &T::kind), f("epoch", &T::epoch), f("term", &T::term),
         f("number", &T::number), f("prev", &T::prev), f("time", &T::time), f("body", &T::body))
LM_SHAPE(Head, true, f("log", &T::log), f("size", &T::size), f("root", &T::root),
         f("time", &T::time), f("prior", &T::prior), f("path", &T::path, kPath))
LM_SHAPE(EnrolledChannel, false, f("name", &T::name, kChannelName), f("kind", &T::kind),
         f("unit", &T::unit), f("exp", &T::exp), f("calibration", &T::calibration))
LM_SHAPE(Enrolment, true, f("public_key", &T::public_key), f("kind", &T::kind),
         f("name", &T::name, kName), f("organisation", &T::organisation, kName),
         f("site", &T::site),
         f("channels", &T::channels, upto(limits::kChannels, Errc::kBundleChannels)),
         f("predecessor", &T::predecessor))
LM_SHAPE(Member, false, f("kid", &T::kid), f("public_key", &T::public_key),
         f("roles", &T::roles, Range{}, ascending), f("organisation", &T::organisation, kName),
         f("area", &T::area), f("prefixes", &T::prefixes, upto(64), prefixes),
         f("products", &T::products, upto(256)))
LM_SHAPE(ProgrammeLimit, false, f("channel", &T::channel), f("unit", &T::unit), f("exp", &T::exp),
         f("min", &T::min), f("max", &T::max), f("gap_max", &T::gap_max))
LM_SHAPE(Programme, true, f("id", &T::id, kName), f("products", &T::products, upto(1024), gtins),
         f("limits", &T::limits, upto(32)),
         f("count", &T::count, Range{1, limits::kTransactions - 1}),
         f("slots", &T::slots, Range{2, 2}), f("lateness", &T::lateness), f("window", &T::window),
         f("period_s", &T::period_s, kPositive), f("retention", &T::retention),
         f("lines", &T::lines, upto(256)), f("order", &T::order))
LM_SHAPE(Membership, true, f("epoch", &T::epoch),
         f("members", &T::members, Range{1, limits::kMembers, Errc::kMembersCount}, ascending_kids),
         f("quorum", &T::quorum, kPositive),
         f("programmes", &T::programmes, upto(256), ascending_ids), f("first", &T::first),
         f("size", &T::size), f("root", &T::root), f("enrolments", &T::enrolments, upto(256)))
LM_SHAPE(StatementObject, false, f("payload", &T::payload), f("signatures", &T::signatures))
LM_SHAPE(Revocation, true, f("kid", &T::kid), f("from", &T::from), f("reason", &T::reason),
         f("text", &T::text))
LM_SHAPE(Recall, true, f("gtin", &T::gtin), f("lot", &T::lot), f("open", &T::open),
         f("reason", &T::reason, kWords), f("time", &T::time))
LM_SHAPE(Complaint, true, f("subject", &T::subject),
         f("about", &T::about, upto(limits::kComplaintIds), distinct_ids), f("kind", &T::kind),
         f("text", &T::text, kWords), f("evidence", &T::evidence), f("time", &T::time))
LM_SHAPE(Ruling, true, f("complaint", &T::complaint), f("outcome", &T::outcome),
         f("penalties", &T::penalties, upto(8), ascending),
         f("points", &T::points, upto(limits::kPoints)),
         f("reward", &T::reward, upto(limits::kPoints)), f("text", &T::text, kWords),
         f("time", &T::time))
LM_SHAPE(Usage, true, f("gtin", &T::gtin), f("lot", &T::lot), f("kind", &T::kind),
         f("serials", &T::serials, upto(limits::kUsageSerials), ascending_serials),
         f("count", &T::count, Range{1, limits::kUsageUnits}), f("time", &T::time))
LM_SHAPE(Mark, true, f("gtin", &T::gtin), f("lot", &T::lot), f("kind", &T::kind),
         f("serial", &T::serial, Range{}, serial_if_any),
         f("count", &T::count, Range{1, limits::kUsageUnits}), f("time", &T::time),
         f("nonce", &T::nonce))
LM_SHAPE(Promise, true, f("object", &T::object), f("deadline", &T::deadline))
LM_SHAPE(Turn, true, f("term", &T::term, kPositive), f("vote", &T::vote), f("asker", &T::asker))
LM_SHAPE(Delegation, true, f("term", &T::term, kPositive), f("to", &T::to), f("from", &T::from),
         f("time", &T::time))
LM_SHAPE(Token, true, f("callee", &T::callee), f("method", &T::method, Range{}, upper_case),
         f("path", &T::path), f("body", &T::body), f("time", &T::time), f("nonce", &T::nonce))

LM_SHAPE(DisclosedSegment, false, f("index", &T::index), f("segment", &T::segment),
         f("path", &T::path, kPath))
LM_SHAPE(Disclosure, false, f("transaction", &T::transaction), f("path", &T::path, kPath),
         f("record", &T::record),
         f("segments", &T::segments, upto(limits::kSegments, Errc::kRecordSegments),
           ascending_index))
LM_SHAPE(Sample, false, f("segment", &T::segment), f("i", &T::i), f("entry", &T::entry),
         f("path", &T::path, kPath), f("evidence_index", &T::evidence_index),
         f("channel_entry", &T::channel_entry), f("evidence_path", &T::evidence_path, kPath))
LM_SHAPE(Receipt, true, f("magic", &T::magic), f("block", &T::block),
         f("statements", &T::statements),
         f("disclosures", &T::disclosures, upto(1, Errc::kDisclosureIndex)),
         f("samples", &T::samples, upto(limits::kSamples, Errc::kSamplesCount)))
LM_SHAPE(Anchor, true, f("magic", &T::magic), f("genesis", &T::genesis),
         f("root_key", &T::root_key), f("statements", &T::statements))
LM_SHAPE(SerialEntry, false, f("salt", &T::salt), f("serial", &T::serial, Range{}, serial_number))
LM_SHAPE(ItemPath, false, f("index", &T::index), f("entry", &T::entry), f("path", &T::path, kPath))
LM_SHAPE(ItemProof, true, f("magic", &T::magic), f("block", &T::block), f("proof", &T::proof))
LM_SHAPE(InclusionProof, false, f("size", &T::size), f("index", &T::index),
         f("path", &T::path, kPath))
LM_SHAPE(ReadingEntry, false, f("salt", &T::salt), f("t", &T::t), f("value", &T::value))
LM_SHAPE(EvidenceEntry, false, f("bundle", &T::bundle),
         f("channel", &T::channel, upto(limits::kChannels - 1)), f("annotation", &T::annotation),
         f("root", &T::root))
LM_SHAPE(RootSplit, false, f("index", &T::index), f("leaf_a", &T::leaf_a),
         f("path_a", &T::path_a, kPath), f("leaf_b", &T::leaf_b), f("path_b", &T::path_b, kPath))
LM_SHAPE(VoteRoots, false, f("root_a", &T::root_a), f("root_b", &T::root_b), f("split", &T::split))
LM_SHAPE(Evidence, true, f("magic", &T::magic), f("kind", &T::kind),
         f("objects", &T::objects, Range{.min = 2}), f("statements", &T::statements),
         f("proof", &T::proof))
LM_SHAPE(Rollover, true, f("root_key", &T::root_key), f("first", &T::first, kPositive),
         f("time", &T::time))
LM_SHAPE(Anchor2, true, f("magic", &T::magic), f("genesis", &T::genesis),
         f("root_key", &T::root_key), f("statements", &T::statements),
         f("links", &T::links, Range{1, 256}))
LM_SHAPE(RolloverFile, true, f("magic", &T::magic), f("links", &T::links, Range{1, 256}))
LM_SHAPE(Proposal, true, f("magic", &T::magic), f("chain", &T::chain),
         f("statements", &T::statements), f("draft", &T::draft), f("placed", &T::placed, upto(1)))

LM_SHAPE(CutClaim, false, f("first", &T::first), f("last", &T::last), f("archive", &T::archive),
         f("snapshot", &T::snapshot))
LM_SHAPE(Tombstone, false, f("key", &T::key), f("expires", &T::expires), f("block", &T::block))
LM_SHAPE(SnapshotHead, true, f("magic", &T::magic), f("first", &T::first), f("last", &T::last),
         f("block", &T::block), f("tombstones", &T::tombstones), f("state", &T::state))
LM_SHAPE(StateObject, false, f("object", &T::object), f("block", &T::block))
LM_SHAPE(StateHead, false, f("kid", &T::kid), f("log", &T::log), f("size", &T::size),
         f("root", &T::root), f("time", &T::time), f("block", &T::block))
LM_SHAPE(StatePeriod, false, f("number", &T::number), f("block", &T::block), f("time", &T::time))
LM_SHAPE(StateTerm, false, f("term", &T::term), f("kid", &T::kid), f("block", &T::block))
LM_SHAPE(CutState, true, f("magic", &T::magic), f("last", &T::last),
         f("statements", &T::statements), f("enrolments", &T::enrolments),
         f("revocations", &T::revocations), f("recalls", &T::recalls), f("heads", &T::heads),
         f("period", &T::period), f("terms", &T::terms))
LM_SHAPE(ArchiveHeader, true, f("magic", &T::magic), f("chain", &T::chain), f("first", &T::first),
         f("last", &T::last), f("tombstones", &T::tombstones))
LM_SHAPE(Archived, true, f("magic", &T::magic), f("block", &T::block),
         f("statements", &T::statements), f("snapshot", &T::snapshot),
         f("tombstone", &T::tombstone), f("index", &T::index), f("path", &T::path, kPath))

LM_SHAPE(ProvenSegment, false, f("index", &T::index), f("entry", &T::entry),
         f("path", &T::path, kPath))
LM_SHAPE(ProvenEntry, false, f("index", &T::index), f("salt", &T::salt), f("hash", &T::hash),
         f("path", &T::path, kPath))
LM_SHAPE(EventPrefix, false, f("prefix", &T::prefix, Range{1, limits::kEventName}),
         f("space", &T::space, Range{1, limits::kEventName}))
LM_SHAPE(EventProof, true, f("magic", &T::magic), f("block", &T::block),
         f("statements", &T::statements), f("transaction", &T::transaction), f("index", &T::index),
         f("path", &T::path, kPath), f("record", &T::record), f("period", &T::period),
         f("segment", &T::segment), f("event", &T::event),
         f("names", &T::names, upto(limits::kEventNames), ascending_prefixes),
         f("body", &T::body, Range{1, limits::kEventBody}))

#undef LM_SHAPE

template <class S>
concept Shaped = requires { Shape<S>::kFields; };

// Calls fn(place, field) for each field in order.
template <class S, class Fn>
void each_field(Fn&& fn) {
  std::apply(
      [&](const auto&... fields) {
        std::size_t i = 0;
        (fn(i++, fields), ...);
      },
      Shape<S>::kFields);
}

}  // namespace lotmark::schema

// One list of all the types that travel: X(type).
// clang-format off
#define LM_WIRE_TYPES(X)                                                                          \
  X(Checkpoint) X(Start) X(Birth) X(Bundle) X(Gap) X(Ack) X(Arrival) X(Command) X(LineFile) X(Claim) \
  X(Segment) X(Record) X(Transaction) X(RecordHead) X(Opening) X(Application) X(Report) X(Release)   \
  X(Refusal) X(PeriodBody) X(Block) X(Head) X(Enrolment) X(Membership) X(StatementObject)            \
  X(Revocation) X(Recall) X(Promise) X(Turn) X(Delegation) X(Token) X(Disclosure) X(Sample)          \
  X(Receipt) X(Anchor) X(InclusionProof) X(ReadingEntry) X(EvidenceEntry) X(Programme)   \
  X(Evidence) X(CutClaim) X(Tombstone) X(SnapshotHead) X(CutState) X(ArchiveHeader) X(Archived)      \
  X(Rollover) X(Anchor2) X(RolloverFile) X(Proposal) X(Complaint) X(Ruling) X(Usage)           \
  X(SerialEntry) X(ItemProof)     \
  X(Mark)     \
  X(EventProof)
// clang-format on

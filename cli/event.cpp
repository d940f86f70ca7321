#include "cli/event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "cli/verify_archived.h"
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/epcis/hash/event_hash.h"
#include "core/proof/event_proof.h"
#include "core/wire/bundle_wire.h"
#include "core/wire/limits.h"
#include "ledger-node/capture/event_proofs.h"
#include "ledger-node/capture/event_reader.h"
#include "ledger-node/capture/raw_data.h"

namespace lotmark::cli {

namespace {

using proof::EventResult;
using proof::EventVerdict;

Exit exit_of_event(EventVerdict v) {
  if (v == EventVerdict::kCommitted) return Exit::kDone;
  return v == EventVerdict::kTampered ? Exit::kTampered : Exit::kFailed;
}

std::string_view event_words(EventVerdict v) {
  switch (v) {
    case EventVerdict::kCommitted:
      return "This organisation committed to exactly these bytes, at that block's time at the "
             "latest.";
    case EventVerdict::kNotFinal:
      return "A block holds the event, but not enough members have confirmed it yet.";
    case EventVerdict::kTampered: return "The file does not match its proof: do not rely on it.";
    case EventVerdict::kUnknown: break;
  }
  return "Nothing was proved: this is no event proof of this consortium, or of another version.";
}

void show_event(const EventResult& r, Output& out) {
  Table table;
  table.rows = {{{"organisation", r.organisation}}, {{"key", to_hex(r.kid)}}};
  if (r.lot) {
    table.rows.push_back({{"lot", r.lot->lot.text + " of " + r.lot->gtin.text}});
    table.rows.push_back({{"step", r.lot->step}});
    table.rows.push_back({{"author", to_hex(r.author) + ", named by the enterprise"}});
  } else {
    table.rows.push_back({{"period", std::to_string(*r.period)}});
  }
  table.rows.push_back(
      {{"block", fmt::format("{} of {}", r.block_number,
                             to_iso(from_ms(static_cast<std::int64_t>(r.block_time))))}});
  const proof::Finality& f = *r.finality;
  table.rows.push_back(
      {{"votes", fmt::format("{} of {} members, quorum {}", f.votes, f.members, f.quorum)}});
  table.rows.push_back({{"event", fmt::format("{} bytes, {} of {} in its segment", r.body.size(),
                                              r.index + 1, r.count)}});
  table.rows.push_back({{"SHA-256", to_hex(r.sha)}});
  table.rows.push_back({{"event hash", epcis::hash_uri(r.hash)}});
  table.rows.push_back({{"record", to_hex(r.record)}});
  out.table(table);
  out.line("");
  out.line(as_text(r.body));
}

Result<node::StoredEvent> stored_event(node::EventReader& reader, const EventProofArguments& a) {
  LM_ASSIGN(auto events, reader.by_id(a.id));
  const auto sha = fixed_from_hex<Digest>(a.sha256);
  if (!a.sha256.empty() && !sha) return fail(Errc::kUsage, "--sha256 is 64 hex digits");
  for (auto& event : events) {
    if (!sha || sha256(as_bytes(event.body)) == *sha) return std::move(event);
  }
  return fail(Errc::kNotFound,
              "no event " + a.id + (sha ? " of these bytes" : "") + " is in " + a.private_db);
}

// What the event's sensor reports say of a bundle, held against the own intake log.
struct NamedInLog {
  Digest bundle;
  bool held = false;
  std::optional<bool> within;  // nothing: not compared
};

std::string_view words_of(const NamedInLog& n) {
  if (!n.held) return "is not in the intake log";
  if (!n.within) return "is in the intake log; no values of its units are told";
  return *n.within ? "is in the intake log, and the values lie within it"
                   : "is in the intake log, and values lie OUTSIDE it";
}

Result<std::vector<NamedInLog>> look_up_bundles(const store::Database& db, const Digest& chain,
                                                std::string_view body) {
  std::vector<NamedInLog> out;
  for (const auto& named : node::named_bundles(body)) {
    LM_ASSIGN(auto q, db.prepare("SELECT wire FROM intake JOIN intake_wire USING(idx) WHERE id = "
                                 "?"));
    LM_ASSIGN(const bool row, q.bind(1, named.bundle).step());
    NamedInLog found{named.bundle, false, {}};
    WireReader wires;
    auto opened =
        row ? wires.open_bundle(q.blob(0), chain) : Result<Signed<Bundle>>(Errc::kNotFound);
    if (opened) {
      found.held = opened->id == named.bundle;
      const auto match = node::compare(named, opened->body);
      if (match != node::RawDataMatch::kNotCompared)
        found.within = match == node::RawDataMatch::kWithin;
    }
    out.push_back(found);
  }
  return out;
}

struct WrittenProof {
  EventResult result;
  std::vector<NamedInLog> bundles;
};

Error unproven(const EventResult& result) {
  for (const auto& c : result.checks) {
    if (c.ok == false)
      return fail(Errc::kCorrupt,
                  fmt::format("the rows prove nothing: {}: {}", name(c.error), c.why));
  }
  return fail(Errc::kCorrupt, "the rows prove nothing");
}

// Never a file that its receiver would refuse.
Result<WrittenProof> write_event_proof(const EventProofArguments& a) {
  LM_ASSIGN(const auto anchor, read_file(a.anchor, limits::kAnchor));
  LM_ASSIGN(auto reader, node::EventReader::open(a.private_db));
  LM_ASSIGN(const auto chain, chain::PublicChain::open(a.chain_db, anchor, true));
  LM_ASSIGN(const auto event, stored_event(*reader, a));
  LM_ASSIGN(const auto file, node::event_proof(reader->database(), chain, event));
  WrittenProof out;
  out.result = proof::verify_event(file, anchor);
  if (!out.result.shown()) return unproven(out.result);
  LM_ASSIGN(out.bundles, look_up_bundles(reader->database(), chain.chain_id(), event.body));
  LM_TRY(write_file(a.out, file));
  return out;
}

nlohmann::json to_json(const WrittenProof& written) {
  nlohmann::json out = proof::to_json(written.result);
  out["bundles"] = nlohmann::json::array();
  for (const auto& b : written.bundles) {
    out["bundles"].push_back({{"bundle", to_hex(b.bundle)},
                              {"held", b.held},
                              {"within", b.within ? nlohmann::json(*b.within) : nlohmann::json()}});
  }
  return out;
}

}  // namespace

Exit run_event_proof(const EventProofArguments& a, Output& out) {
  const auto written = write_event_proof(a);
  if (!written) return out.error(written.error());
  if (out.json) return out.value(to_json(*written));
  const bool final = written->result.verdict == EventVerdict::kCommitted;
  out.line(fmt::format("{}: block {}{}", a.out, written->result.block_number,
                       final ? "" : ", which is not final yet"),
           final ? Paint::kGood : Paint::kWarn);
  for (const auto& b : written->bundles) {
    const bool good = b.held && b.within.value_or(true);
    out.line(fmt::format("bundle {} {}", to_hex(b.bundle), words_of(b)),
             good ? Paint::kPlain : Paint::kWarn);
  }
  return Exit::kDone;
}

Exit answer_event(ByteView file, ByteView anchor, const std::string& fingerprint, Output& out) {
  const EventResult r = proof::verify_event(file, anchor);
  const Exit exit = exit_of_event(r.verdict);
  if (out.json) {
    const Exit printed = out.value(proof::to_json(r));
    return printed == Exit::kDone ? exit : printed;
  }
  out.line(std::string(proof::name(r.verdict)), r.verdict == EventVerdict::kCommitted ? Paint::kGood
                                                : r.verdict == EventVerdict::kTampered
                                                    ? Paint::kBad
                                                    : Paint::kWarn);
  out.line(event_words(r.verdict));
  if (!fingerprint.empty()) out.line("consortium " + fingerprint, Paint::kDim);
  if (r.shown()) {
    out.line("");
    show_event(r, out);
  }
  out.line("");
  Table table{{"check", "holds", "why"}, {}};
  for (std::size_t i = 0; i < proof::kEventCheckCount; ++i)
    table.rows.push_back(check_row(proof::name(static_cast<proof::EventCheck>(i)), r.checks[i]));
  out.table(table);
  out.line("");
  out.line("What this does not prove:", Paint::kStrong);
  for (const auto code : proof::not_proved(r))
    out.line("- " + std::string(proof::event_not_proved_words(code)));
  return exit;
}

}  // namespace lotmark::cli

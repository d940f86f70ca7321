// GET /lotmark/v1/events/{eventID}/proof: the file that proves a captured event from the anchor alone
// (docs/format/event_proof.md).
#include <algorithm>

#include "api/epcis/asked.h"
#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "core/proof/event_proof.h"
#include "ledger-node/capture/event_proofs.h"

namespace lotmark::api::epcis {

using node::EventReader;
using node::StoredEvent;

namespace {

constexpr const char* kAgainPeriod = "5";  // seconds until another look is worth while
constexpr const char* kAgainLot = "3600";

// Of one eventID there may be several: the event, and those that declare an error of it.
const StoredEvent* chosen(const std::vector<StoredEvent>& events,
                          const std::optional<Digest>& sha) {
  if (!sha) return events.empty() ? nullptr : &events.front();
  const auto found =
      std::ranges::find_if(events, [&](const auto& e) { return sha256(as_bytes(e.body)) == *sha; });
  return found == events.end() ? nullptr : &*found;
}

// What no proof comes of: it waits, it never comes, or it is gone.
http::Response no_proof(const Error& error, const char* again) {
  if (error.code == Errc::kNotReady) {
    auto out = to_response(Problem{409, "ImplementationException", error.text, {}});
    out.headers["Retry-After"] = again;
    return out;
  }
  if (error.code == Errc::kNotFound)
    return to_response(Problem{404, "NoSuchResourceException", error.text, {}});
  if (error.code == Errc::kBodyCut) {
    return to_response(Problem{410,
                               "ImplementationException",
                               "the block that proves it was cut: an archive file holds it",
                               {}});
  }
  return to_response(error);
}

}  // namespace

// What is put together of two databases may fit neither: whoever keeps it for years must not be the first to find out.
Result<Bytes> EpcisApi::checked_proof(Bytes file, std::uint64_t block) const {
  const auto result = proof::verify_event(file, options_.anchor);
  if (result.shown()) return file;
  const auto failed =
      std::ranges::find_if(result.checks, [](const auto& c) { return c.ok == false; });
  const auto check = static_cast<proof::EventCheck>(failed - result.checks.begin());
  const bool found = failed != result.checks.end();
  log::error("epcis.proof_fails", {{"block", block},
                                   {"check", found ? proof::name(check) : "none"},
                                   {"why", found ? failed->why : std::string()}});
  return fail(Errc::kCorrupt, "the proof that is made of this event does not hold");
}

http::Response EpcisApi::event_proof(const Asked& asked) {
  std::optional<Digest> sha;
  if (const auto text = parameter(asked.parameters, "sha256")) {
    sha = fixed_from_hex<Digest>(*text);
    if (!sha)
      return to_response(
          Problem{400, "QueryParameterException", "sha256 is 64 hex digits", "sha256"});
  }
  std::vector<StoredEvent> hidden;
  bool of_lot = false;
  const auto file = readers_.with([&](EventReader& reader) -> Result<Bytes> {
    LM_ASSIGN(const auto events, reader.by_id(asked.parts[3]));
    const StoredEvent* event = chosen(events, sha);
    if (event == nullptr) return fail(Errc::kNotFound, "no such event was captured");
    if (!asked.sees_events) {
      hidden = events;
      return Bytes();
    }
    LM_ASSIGN(const auto record, reader.record_of(event->n));
    of_lot = record && record->lot;
    LM_ASSIGN(auto parts, node::event_proof_parts(reader.database(), *event));
    auto block = parts.block;
    if (!block) {
      LM_ASSIGN(const auto place, chain_.place_of(parts.transaction));
      if (!place) return node::waits_for_block(parts);
      block = place->block;
    }
    LM_ASSIGN(auto shown, chain_.shown_block(*block));
    LM_ASSIGN(auto made, node::finish_event_proof(std::move(parts), std::move(shown)));
    return checked_proof(std::move(made), *block);
  });
  if (!file) return no_proof(file.error(), of_lot ? kAgainLot : kAgainPeriod);
  if (!hidden.empty()) return hidden_event(hidden);
  http::Response out;
  out.content_type = kEventProofType;
  out.body = *file;
  return out;
}

}  // namespace lotmark::api::epcis

#include "api/unit/unit_answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/unit/base64.h"
#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/http/problem.h"
#include "core/proof/item.h"

namespace lotmark::api {

using nlohmann::json;

namespace {

constexpr std::size_t kMarksTold = 256;  // the oldest; all of them count for warnings

// A browser that fetches ahead shows nothing to anybody yet.
bool is_prefetch(const http::Request& r) {
  for (const std::string_view name : {"sec-purpose", "purpose", "x-purpose", "x-moz"}) {
    const auto value = r.header(name);
    if (value.find("prefetch") != std::string_view::npos || value == "preview") return true;
  }
  return false;
}

// Asked for by a page of somebody else, or as a part of a page (an image, a script, a frame): who looks at that page did not
// scan the unit, and need not know of it (Fetch Metadata). Programs that are no browsers say nothing of the kind.
bool is_embedded(const http::Request& r) {
  if (r.header("sec-fetch-site") == "cross-site") return true;
  const auto dest = r.header("sec-fetch-dest");
  return !dest.empty() && dest != "empty" && dest != "document";
}

json mark_json(const UnitMark& mark) {
  json out = {{"kind", std::string(name(mark.kind))}, {"time", mark.time}, {"by", to_hex(mark.by)}};
  if (mark.block) {
    out["block"] = *mark.block;
    out["final"] = mark.final;
  }
  return out;
}

json warnings_of(const Answer& answer, const std::vector<UnitMark>& marks, Time now, bool often) {
  json out = json::array();
  for (const auto kind : {UsageKind::kUsed, UsageKind::kSold, UsageKind::kDestroyed}) {
    if (std::ranges::any_of(marks, [&](const UnitMark& m) { return m.kind == kind; }))
      out.push_back(std::string(name(kind)));
  }
  if (answer.recalled || answer.verdict == VerdictKind::kRecalled) out.push_back("recalled");
  const bool expired = answer.application && now >= expired_from(answer.application->expires);
  if (expired || answer.verdict == VerdictKind::kExpired) out.push_back("expired");
  if (often) out.push_back("seen-often");
  return out;
}

http::Response failed(const UnitKey& unit, const Error& error) {
  // Without the serial: this goes to a log, and who asked for a unit is nobody's business.
  log::error("api.verify_failed",
             {{"gtin", unit.gtin.text}, {"lot", unit.lot.text}, {"why", error.message()}});
  auto out = http::problem(error);
  out.headers["Cache-Control"] = "no-store";
  return out;
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

}  // namespace

std::string_view UnitAnswers::name(ItemState state) {
  switch (state) {
    case ItemState::kKnown: return "known";
    case ItemState::kNotListed: return "not-listed";
    case ItemState::kNotCheckable: return "not-checkable";
    case ItemState::kNoSerials: return "no-serials";
  }
  return "not-checkable";
}

void UnitAnswers::say_items_differ(const UnitKey& unit, std::string_view why) {
  const std::int64_t now = to_ms(clock_.now());
  std::int64_t due = say_again_;
  if (now < due || !say_again_.compare_exchange_strong(due, now + 60'000)) return;
  log::error("api.items_differ", {{"gtin", unit.gtin.text}, {"lot", unit.lot.text}, {"why", why}});
}

// The list is believed as far as the application on the chain names it, and no further.
Result<UnitAnswers::Item> UnitAnswers::item_of(const Answer& answer, const UnitKey& unit) {
  Item out;
  if (!answer.application) return out;
  const auto& items = answer.application->items;
  if (!items) {
    out.state = ItemState::kNoSerials;
    return out;
  }
  out.count = items->size;
  if (source_ == nullptr) return out;
  LM_ASSIGN(const auto list, source_->list(unit));
  if (!list) return out;
  const auto wrong = [&](std::string_view why) {
    say_items_differ(unit, why);
    return out;
  };
  if (list->root != items->root || list->count != items->size)
    return wrong("the list here is not the one that the lot's application names");
  if (!list->place) {
    out.state = ItemState::kNotListed;
    return out;
  }
  ItemProof proof;
  proof.block = answer.block_id;
  proof.proof = *list->place;
  const Bytes file = encode(proof);
  const auto checked = proof::check_item(file, *answer.application, answer.block_id);
  if (!checked) return wrong(checked.error().message());
  if (checked->serial != unit.serial) return wrong("the list gives the proof of another serial");
  out.state = ItemState::kKnown;
  out.index = checked->index;
  out.proof = file;
  return out;
}

// Only what was shown to somebody counts.
bool UnitAnswers::seen_often(const http::Request& r, const access::Caller& caller,
                             const UnitKey& unit) {
  if (sightings_ == nullptr) return false;
  const auto now = std::chrono::steady_clock::now();
  if (r.method != "GET" || is_prefetch(r) || is_embedded(r)) return sightings_->is_often(unit, now);
  return sightings_->see(unit, sighting_place(caller.address, caller.region), now);
}

http::Response UnitAnswers::verify(const http::Request& r, const access::Caller& caller,
                                   const UnitKey& unit) {
  const auto answer = answers_.verify(unit.gtin, unit.lot);
  if (!answer) return failed(unit, answer.error());
  const auto item = item_of(**answer, unit);
  if (!item) return failed(unit, item.error());
  // Asked for in every case, so that a serial that is not listed takes as long as one that is.
  auto marks = source_ == nullptr ? Result(std::vector<UnitMark>()) : source_->marks(unit);
  if (!marks) return failed(unit, marks.error());
  if (item->state == ItemState::kNotListed) marks->clear();
  const bool often = item->state == ItemState::kKnown && seen_often(r, caller, unit);

  json body = json::parse(as_text((*answer)->json));
  body["serial"] = unit.serial;
  body["item"] = {{"state", std::string(name(item->state))},
                  {"index", or_null(item->index)},
                  {"count", or_null(item->count)},
                  {"proof", item->proof.empty() ? json() : json(base64(item->proof))}};
  body["marks"] = json::array();
  for (const auto& mark : std::span(*marks).first(std::min(marks->size(), kMarksTold)))
    body["marks"].push_back(mark_json(mark));
  body["warnings"] = warnings_of(**answer, *marks, clock_.now(), often);
  const int status = (*answer)->verdict == VerdictKind::kUnknown ? 404 : 200;
  auto out = http::text_response(status, "application/json", body.dump());
  out.headers["Cache-Control"] = "no-store";
  return out;
}

}  // namespace lotmark::api

// What is told of lots: links, verdicts, receipts, lists, the checkpoint (api/routes.h).
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/freshness.h"
#include "api/routes.h"
#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/gs1/digital_link.h"
#include "core/http/problem.h"

namespace lotmark::api {

using http::Request;
using http::Response;
using nlohmann::json;

namespace {

constexpr std::string_view kArchivedType = "application/vnd.lotmark.archived.v1+cbor";
constexpr std::string_view kReceiptType = "application/vnd.lotmark.receipt.v1+cbor";
constexpr std::uint64_t kLotsPage = 100;

Response json_response(int status, const json& body) {
  return http::text_response(status, "application/json", body.dump());
}

// GTIN and lot at the end of /v1/NAME/GTIN/LOT.
Result<gs1::DigitalLink> lot_in(std::string_view path, std::string_view prefix) {
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return fail(Errc::kUsage, "the address is .../GTIN/LOT");
  const std::string_view lot = path.substr(slash + 1);
  if (lot.find('/') != std::string_view::npos)
    return fail(Errc::kUsage, "a slash in a lot is written %2F");
  return gs1::parse_path("/01/" + std::string(path.substr(0, slash)) + "/10/" + std::string(lot));
}

// 400 for an address that names nothing; 404 with the verdict where a lot could have been.
Response no_receipt(VerdictKind verdict, const std::string& note = {}) {
  Response out = http::problem(fail(Errc::kNotFound, "there is no receipt of this lot here"));
  json body = json::parse(as_text(out.body));
  body["verdict"] = std::string(name(verdict));
  if (!note.empty()) body["title"] = note;
  out.body = to_bytes(as_bytes(body.dump()));
  return no_store(std::move(out));
}

// A receipt, or what stands in for one.
Response proof_file(const Request& r, std::string_view type, Bytes bytes) {
  Response out;
  out.content_type = type;
  const std::string etag = etag_of(bytes);
  out.body = std::move(bytes);
  return with_etag(r, etag, std::move(out));
}

Response bad_address(Error error) {
  Response out = http::problem(error);
  if (out.status == 422 || out.status == 413)
    out = http::problem(400, error.message());  // the address itself is at fault
  return out;
}

// A number of the query, at least `least`; `otherwise` if it is absent. usage, for its caller.
Result<std::uint64_t> number(std::string_view query, std::string_view key, std::uint64_t least,
                             std::uint64_t otherwise) {
  LM_ASSIGN(const auto text, http::query_value(query, key));
  if (!text) return otherwise;
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [at, ec] = std::from_chars(text->data(), end, value);
  if (ec != std::errc{} || at != end || value > (std::uint64_t{1} << 53) || value < least)
    return fail(Errc::kUsage, std::string(key) + " is a number from " + std::to_string(least));
  return value;
}

}  // namespace

Response Routes::verdict_of(const Request& r, const Gtin& gtin, const LotNumber& lot) {
  auto answer = answers_.verify(gtin, lot);
  if (!answer) {
    log::error("api.verify_failed",
               {{"gtin", gtin.text}, {"lot", lot.text}, {"why", answer.error().message()}});
    return http::problem(answer.error());
  }
  Response out;
  out.content_type = "application/json";
  out.body = (*answer)->json;
  if ((*answer)->verdict == VerdictKind::kUnknown) {
    out.status = 404;
    return no_store(std::move(out));
  }
  return with_etag(r, (*answer)->etag, std::move(out));
}

Response Routes::verify(const Request& r) {
  auto link = lot_in(r.path, "/v1/verify/");
  if (!link) return bad_address(link.error());
  return verdict_of(r, link->gtin, *link->lot);
}

// Nothing for a URI without a lot, and for a lot that is not on the chain.
Result<std::optional<link::KnownLot>> Routes::known_lot(const gs1::Link& link) {
  const auto lot = std::ranges::find(link.qualifiers, "10", &gs1::AiValue::ai);
  if (link.key.ai != "01" || lot == link.qualifiers.end()) return std::optional<link::KnownLot>();
  LM_ASSIGN(const auto found, source_.find({link.key.value}, {lot->value}));
  if (found) return std::optional(link::KnownLot{found->product});
  LM_ASSIGN(const auto cut, source_.archived({link.key.value}, {lot->value}));
  return cut ? std::optional(link::KnownLot{}) : std::nullopt;
}

Response Routes::digital_link(const Request& r) {
  const auto ask = link::read_ask(r);
  if (!ask) return bad_address(ask.error());
  const auto lot = std::ranges::find(ask->link.qualifiers, "10", &gs1::AiValue::ai);
  const bool of_lot = ask->link.key.ai == "01" && lot != ask->link.qualifiers.end();
  if (ask->wish == link::Wish::kJson && of_lot) {
    Response out = verdict_of(r, {ask->link.key.value}, {lot->value});
    resolver_.add_headers(*ask, out);
    return out;
  }
  const auto known = known_lot(ask->link);
  if (!known) {
    log::error(
        "api.verify_failed",
        {{"gtin", ask->link.key.value}, {"lot", lot->value}, {"why", known.error().message()}});
    return http::problem(known.error());
  }
  return resolver_.answer(*ask, *known);
}

Response Routes::resolver_description(const Request& r) {
  Response out = http::text_response(200, "application/json", resolver_.description());
  const std::string etag = etag_of(out.body);
  return with_etag(r, etag, std::move(out));
}

Response Routes::lot_page(const Request& r) {
  const auto path = std::string_view(r.path).substr(std::string_view("/lot").size());
  const auto link = gs1::parse_path(path, r.query);
  return link ? file(r, "index.html") : bad_address(link.error());
}

Response Routes::receipt(const Request& r) {
  auto link = lot_in(r.path, "/v1/receipts/");
  if (!link) return bad_address(link.error());
  auto found = source_.find(link->gtin, *link->lot);
  if (!found) return http::problem(found.error());
  if (!*found) {
    auto cut = source_.archived(link->gtin, *link->lot);
    if (!cut) return http::problem(cut.error());
    if (!*cut) return no_receipt(VerdictKind::kUnknown);
    if ((*cut)->recalled) return no_receipt(VerdictKind::kRecalled);
    return proof_file(r, kArchivedType, std::move((*cut)->proof));
  }
  const Lot& lot = **found;
  // A receipt cannot know of its recall: the word of this server is all there is then.
  const bool kept_back = lot.state == VerdictKind::kRecalled ||
                         lot.state == VerdictKind::kRefused || lot.state == VerdictKind::kArchived;
  if (kept_back) return no_receipt(lot.state, lot.note);
  auto bytes = source_.receipt(lot);
  if (!bytes) return http::problem(bytes.error());
  return proof_file(r, kReceiptType, *std::move(bytes));
}

Response Routes::lots(const Request& r) {
  const auto after = number(r.query, "after", 0, 0);
  const auto limit = number(r.query, "limit", 1, kLotsPage);
  if (!after || !limit) return http::problem(400, (after ? limit : after).error().text);
  const std::size_t count = static_cast<std::size_t>(std::min(*limit, kLotsPage));
  auto found = source_.lots(*after, count);
  if (!found) return http::problem(found.error());
  json list = json::array();
  for (const Lot& lot : *found) {
    const bool expired = clock_.now() >= expired_from(lot.expires);
    const auto state = expired ? graver(lot.state, VerdictKind::kExpired) : lot.state;
    list.push_back({{"gtin", lot.gtin.text},
                    {"lot", lot.lot.text},
                    {"product", lot.product},
                    {"expires", lot.expires.yyyymmdd},
                    {"block", lot.block},
                    {"time", lot.time},
                    {"state", std::string(name(state))},
                    {"link", gs1::digital_link(origin_, lot.gtin, lot.lot)}});
  }
  const json next = found->size() < count ? json() : json(found->back().block);
  return no_store(json_response(200, {{"lots", std::move(list)}, {"next", next}}));
}

Response Routes::checkpoint(const Request&) {
  auto found = source_.checkpoint();
  if (!found) return http::problem(found.error());
  if (!*found)
    return no_store(http::problem(fail(Errc::kNotFound, "no root has a quorum of votes yet")));
  const CheckpointInfo& c = **found;
  json voters = json::array();
  for (const auto& kid : c.voters) voters.push_back(to_hex(kid));
  return no_store(json_response(200, {{"size", c.size},
                                      {"root", to_hex(c.root)},
                                      {"epoch", c.epoch},
                                      {"term", c.term},
                                      {"time", c.time},
                                      {"votes", c.voters.size()},
                                      {"quorum", c.quorum},
                                      {"voters", std::move(voters)}}));
}

}  // namespace lotmark::api

#include "tests/unit/api_epcis/server.h"

#include "tests/make_folder.h"

namespace lotmark::api::epcis::test {

namespace {

constexpr std::string_view kOrigin = "https://lot.example";

std::string_view word_of(node::CaptureOutcome::State state) {
  using State = node::CaptureOutcome::State;
  return state == State::kStored ? "stored" : state == State::kHeld ? "held" : "refused";
}

}  // namespace

Result<Json> StoreKeeper::capture(const node::CaptureRequest& request) {
  // As it would come off the wire.
  LM_ASSIGN(auto sent, node::decode_capture(node::encode_capture(request)));
  LM_ASSIGN(const auto outcome, store_.capture(std::move(sent), now));
  Json events = Json::array();
  for (const auto& item : outcome.items)
    events.push_back({{"state", word_of(item.state)}, {"id", item.id}, {"why", item.why}});
  return Json{{"job", outcome.job}, {"success", outcome.success}, {"events", std::move(events)}};
}

Server::Server(std::vector<std::string> prefixes)
    : folder_(lotmark::test::make_folder("epcis-api")) {
  auto store = node::EventStore::open(folder_ / "private.db");
  EXPECT_TRUE(store) << store.error().message();
  store_ = *std::move(store);
  keeper_ = std::make_unique<StoreKeeper>(*store_);
  readers_ = std::make_unique<ReaderPool>(folder_ / "private.db");
  EpcisOptions options;
  options.origin = std::string(kOrigin);
  options.prefixes = std::move(prefixes);
  api_ = std::make_unique<EpcisApi>(*readers_, keeper_.get(), places_, clock_, std::move(options));
}

Server::~Server() { std::filesystem::remove_all(folder_); }

http::Response Server::ask(std::string_view method, const std::string& target,
                           std::string_view body, http::Headers headers) {
  http::Request r;
  r.method = method;
  const auto mark = target.find('?');
  r.path = target.substr(0, mark);
  if (mark != std::string::npos) r.query = target.substr(mark + 1);
  r.headers = std::move(headers);
  r.headers.try_emplace("gs1-epc-format",
                        "Never_Translates");  // what comes is compared with what was sent
  if (!body.empty()) r.headers.emplace("content-type", "application/json");
  r.body = to_bytes(as_bytes(body));
  auto response = api_->handle(r, {true, false, false});
  EXPECT_TRUE(response) << target << " is no address of EPCIS";
  return response ? *std::move(response) : http::Response{};
}

Json Server::captured(std::string_view document, http::Headers headers) {
  const auto response = ask("POST", "/capture", document, std::move(headers));
  EXPECT_EQ(response.status, 202) << as_text(response.body);
  const auto location = response.headers.find("Location");
  if (location == response.headers.end()) return {};
  EXPECT_TRUE(location->second.starts_with(kOrigin));
  return json_of(ask("GET", location->second.substr(kOrigin.size())));
}

std::vector<Json> Server::events(const std::string& target) {
  std::vector<Json> out;
  for (std::string next = target; !next.empty();) {
    const auto response = ask("GET", next);
    EXPECT_EQ(response.status, 200) << next << ": " << as_text(response.body);
    if (response.status != 200) break;
    const Json body = json_of(response);
    for (const auto& e : body["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
      out.push_back(e);
    const auto link = response.headers.find("Link");
    next.clear();
    if (link != response.headers.end())
      next = link->second.substr(1 + kOrigin.size(), link->second.find('>') - 1 - kOrigin.size());
  }
  return out;
}

Json json_of(const http::Response& response) {
  return Json::parse(as_text(response.body), nullptr, false);
}

Json as_sent(Json event) {
  event.erase("recordTime");
  return event;
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    out +=
        (out.empty() ? "?" : "&") + http::percent_encode(name) + "=" + http::percent_encode(value);
  }
  return out;
}

}  // namespace lotmark::api::epcis::test

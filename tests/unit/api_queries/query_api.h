// The EPCIS routes over a node's own stores, without the network between.
#pragma once

#include "api/epcis/epcis_api.h"
#include "ledger-node/subscribe/subscription_desk.h"
#include "tests/must.h"
#include "tests/unit/capture/events.h"

namespace lotmark::api::epcis::test {

using lotmark::test::must;
using node::test::observed;

// A node's desks behind the line to it.
class Desks final : public Keeper {
 public:
  Desks(const std::filesystem::path& private_db, const Clock& clock)
      : desk_(must(node::SubscriptionDesk::open(
            private_db, must(node::AllowedDestinations::read({"https://erp.example/"}))))),
        clock_(clock) {}
  Result<Json> capture(const node::CaptureRequest&) override { return fail(Errc::kUnavailable); }
  Result<Json> control(std::string_view method, const std::string& path,
                       const Json& body) override {
    if (down) return fail(Errc::kUnavailable, "the node does not answer");
    const std::string text = body.is_null() ? std::string() : body.dump();
    const node::Call call{std::string(method), path, to_bytes(as_bytes(text)), {}};
    LM_ASSIGN(const auto route, node::parse_route(path));
    auto reply = desk_->control(call, route, clock_.now());
    if (reply.status >= 300) return node::problem_error(reply);  // as it comes over the line
    return Json::parse(as_text(reply.body));
  }
  node::SubscriptionStore& store() { return desk_->store(); }
  bool down = false;

 private:
  std::unique_ptr<node::SubscriptionDesk> desk_;
  const Clock& clock_;
};

class NoPlaces final : public ChainPlaces {
 public:
  Result<std::optional<Place>> place_of(const Digest&) override { return std::optional<Place>(); }
  bool is_final(std::uint64_t) override { return false; }
};

class QueryApi : public node::test::Events {
 protected:
  http::Response ask(const std::string& method, const std::string& target,
                     const std::string& body = {}, http::Headers headers = {}) {
    http::Request r;
    r.method = method;
    const auto mark = target.find('?');
    r.path = target.substr(0, mark);
    if (mark != std::string::npos) r.query = target.substr(mark + 1);
    r.body = to_bytes(as_bytes(body));
    if (!body.empty()) headers.try_emplace("content-type", "application/json");
    r.headers = std::move(headers);
    r.headers.try_emplace("gs1-epc-format", "Never_Translates");
    auto out = api.handle(r, sight, client);
    EXPECT_TRUE(out) << target;
    return out ? *std::move(out) : http::Response{};
  }
  http::Response post(const std::string& target, const std::string& body) {
    return ask("POST", target, body);
  }
  static Json json_of(const http::Response& r) {
    return Json::parse(as_text(r.body), nullptr, false);
  }
  // "400 QueryParameterException"
  static std::string problem_of(const http::Response& r) {
    const auto j = json_of(r);
    std::string type = j.is_object() ? j.value("type", std::string()) : std::string();
    if (type.starts_with("epcisException:")) type.erase(0, 15);
    if (!type.empty()) {
      EXPECT_EQ(r.content_type, "application/problem+json");
      EXPECT_EQ(j.value("status", 0), r.status);
    }
    return std::to_string(r.status) + (type.empty() ? "" : " " + type);
  }
  std::string make(const std::string& name, const std::string& query) {
    return problem_of(
        post("/queries", R"({"name":)" + Json(name).dump() + R"(,"query":)" + query + "}"));
  }
  // eventIDs of an answer, and of the pages behind it.
  std::vector<std::string> events_of(std::string target) {
    std::vector<std::string> ids;
    for (pages = 0; !target.empty() && pages < 100; ++pages) {
      const auto r = ask("GET", target);
      EXPECT_EQ(r.status, 200) << as_text(r.body);
      const auto j = json_of(r);
      if (!j.is_object() || !j.contains("epcisBody")) return ids;
      for (const auto& e : j.at("/epcisBody/queryResults/resultsBody/eventList"_json_pointer))
        ids.push_back(e["eventID"]);
      target = next_of(r);
    }
    return ids;
  }
  // Path and query of the next page.
  static std::string next_of(const http::Response& r) {
    const auto link = r.headers.find("Link");
    if (link == r.headers.end()) return {};
    const std::string& text = link->second;
    const std::string origin = "<https://lot.example";
    EXPECT_TRUE(text.starts_with(origin)) << text;
    return text.substr(origin.size(), text.find('>') - origin.size());
  }

  ManualClock clock{kNow};
  Desks keeper{folder.private_db(), clock};
  NoPlaces chain;
  ReaderPool readers{folder.private_db()};
  EpcisApi api{readers, &keeper, chain, clock, {.origin = "https://lot.example"}};
  access::Sight sight{.own = true};
  Client client{"client-7", false};
  int pages = 0;
};

}  // namespace lotmark::api::epcis::test

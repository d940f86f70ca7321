// Every route for every role and kind of credentials, over HTTP, with what really answers behind the gate.
#include "api/access/base64url.h"
#include "tests/unit/api/site.h"

namespace lotmark::api::test {
namespace {

using access::AccessRole;
using access::RoleSet;

struct MatrixRow {
  const char* method;
  const char* target;
  // Nobody, Capture, Reader, Partner, reGulator, agencY, Admin; - is refused.
  const char* allowed;
  int status;  // of who is let in
};

// clang-format off
constexpr MatrixRow kMatrix[] = {
    {"GET",    "/",                                     "NCRPGYA", 200},
    {"POST",   "/",                                     "-------", 405},
    {"POST",   "/capture",                              "-C---Y-", 202},
    {"GET",    "/capture",                              "-C---YA", 200},
    {"HEAD",   "/capture",                              "-C---YA", 200},
    {"GET",    "/capture/none",                         "-C---YA", 404},
    {"GET",    "/events",                               "--RPG-A", 200},
    {"HEAD",   "/events?perPage=1",                     "--RPG-A", 200},
    {"GET",    "/events?nonsense=1",                    "--RPG-A", 400},
    {"GET",    "/events/urn%3Ax%3Anone",                "--RPG-A", 404},
    {"GET",    "/eventTypes",                           "--RPG-A", 200},
    {"GET",    "/eventTypes/ObjectEvent",               "--RPG-A", 200},
    {"GET",    "/eventTypes/ObjectEvent/events",        "--RPG-A", 200},
    {"GET",    "/epcs",                                 "--RPG-A", 200},
    {"GET",    "/epcs/urn%3Aepc%3Aid%3Ax",              "--RPG-A", 404},
    {"GET",    "/epcs/urn%3Aepc%3Aid%3Ax/events",       "--RPG-A", 200},
    {"GET",    "/bizSteps",                             "--RPG-A", 200},
    {"GET",    "/bizSteps/packing",                     "--RPG-A", 404},
    {"GET",    "/bizSteps/shipping/events",             "--RPG-A", 200},
    {"GET",    "/bizLocations",                         "--RPG-A", 200},
    {"GET",    "/readPoints",                           "--RPG-A", 200},
    {"GET",    "/dispositions",                         "--RPG-A", 200},
    {"GET",    "/queries",                              "--R-G-A", 200},
    {"POST",   "/queries",                              "--R-G-A", 400},
    {"GET",    "/queries/q",                            "--R-G-A", 404},
    {"DELETE", "/queries/q",                            "--R-G-A", 404},
    {"GET",    "/queries/q/events",                     "--R-G-A", 404},
    {"GET",    "/queries/q/subscriptions",              "------A", 404},
    {"POST",   "/queries/q/subscriptions",              "------A", 400},
    {"DELETE", "/queries/q/subscriptions/s",            "------A", 404},
    {"DELETE", "/nextPageToken/t",                      "--RPG-A", 404},
    {"DELETE", "/nextPageToken/30",                     "--RPG-A", 204},
    {"GET",    "/export/events.csv",                    "----G-A", 404},
    {"GET",    "/lotmark/v1/records/none",              "--RPG-A", 400},
    {"HEAD",   "/lotmark/v1/records/none/segments/0",   "--RPG-A", 400},
    {"POST",   "/lotmark/v1/records/none",              "-------", 405},
    {"GET",    "/lotmark/v1/records",                   "-------", 404},
    {"GET",    "/lotmark/v1/events/urn%3Ax%3Anone/proof", "--RPG-A", 404},
    {"POST",   "/lotmark/v1/events/urn%3Ax%3Anone/proof", "-------", 405},
    {"GET",    "/v1/lots",                              "NCRPGYA", 200},
    {"GET",    "/v1/checkpoint",                        "NCRPGYA", 404},
    {"GET",    "/v1/verify/06901234567892/A-2026%2F01", "NCRPGYA", 200},
    {"GET",    "/v1/verify?gtin=06901234567892&lot=A-2026%2F01&serial=7", "NCRPGYA", 200},
    {"GET",    "/v1/verify",                            "NCRPGYA", 400},
    {"POST",   "/v1/verify",                            "-------", 405},
    {"POST",   "/v1/marks",                             "NCRPGYA", 501},
    {"GET",    "/v1/marks",                             "-------", 405},
    {"GET",    "/healthz",                              "NCRPGYA", 200},
    {"DELETE", "/v1/lots",                              "-------", 405},
    {"PUT",    "/events",                               "-------", 405},
    {"GET",    "/control/v1/accesses",                  "-------", 404},
    {"GET",    "/events/%2E%2E/capture",                "-------", 404},
};
// clang-format on

class AccessMatrix : public Site {
 protected:
  AccessMatrix() {
    const auto done = keeper->capture(node::test::request_of({node::test::observed(kFirst, 1, 0)}));
    EXPECT_TRUE(done) << done.error().message();
  }

  void check(const MatrixRow& row, std::size_t column, http::Headers headers,
             const std::string& label) {
    if (std::string_view(row.target) == "/") headers["Accept"] = "application/json";
    const auto body = std::string_view(row.method) == "POST" ? document({event("", 7)}) : "";
    const auto r = send(row.method, row.target, headers, body);
    const bool refused_anyway = row.status == 405 || std::string_view(row.allowed) == "-------";
    int expected = row.status;
    if (!refused_anyway && row.allowed[column] == '-') expected = column == 0 ? 401 : 403;
    EXPECT_EQ(r.status, expected) << label << ": " << as_text(r.body);
    if (r.status < 400) return;
    if (std::string_view(row.method) == "HEAD") return;
    EXPECT_EQ(r.content_type, "application/problem+json") << label;
    if (r.status == 401 || r.status == 403) {
      EXPECT_TRUE(r.headers.contains("www-authenticate")) << label;
      EXPECT_EQ(as_text(r.body).find("urn:x:first"), std::string_view::npos) << label;
    }
    const bool epcis = std::string_view(row.target).find("/export") != 0 &&
                       std::string_view(row.target).find("/lotmark") != 0 &&
                       std::string_view(row.target).find("/v1") != 0 &&
                       std::string_view(row.target).find("/lotmark") != 0 &&
                       std::string_view(row.target).find("/control") != 0 &&
                       std::string_view(row.target) != "/" &&
                       std::string_view(row.target).find("%2E") == std::string_view::npos;
    if (epcis) {
      EXPECT_TRUE(json_of(r).value("type", "").starts_with("epcisException:")) << label;
    }
  }
  static constexpr const char* kFirst = "urn:x:first";
};

TEST_F(AccessMatrix, NamedQueriesAreTheirMakersOrAnAdmins) {
  const auto json = [](http::Headers headers) {
    headers["Content-Type"] = "application/json";
    return headers;
  };
  const auto reader = certificate("yunhe/R"), regulator = certificate("yunhe/G");
  const std::string all = R"({"name":"all of it","query":{}})";
  EXPECT_EQ(send("POST", "/queries", json(reader), all).status, 201);
  EXPECT_EQ(send("POST", "/queries", json(regulator), all).status, 409);
  EXPECT_EQ(send("GET", "/queries/all%20of%20it/events", regulator).status, 200);
  EXPECT_EQ(send("DELETE", "/queries/all%20of%20it", regulator).status, 403);
  const auto admin = certificate("yunhe/A");
  const std::string order = R"({"dest":"https://erp.example/","stream":true})";
  EXPECT_EQ(send("POST", "/queries/all%20of%20it/subscriptions", json(admin), order).status, 201);
  EXPECT_EQ(send("DELETE", "/queries/all%20of%20it", reader).status, 204);
  node.stop();
  EXPECT_EQ(send("GET", "/queries", reader).status, 503) << "nor is the read logged any more";
}

TEST_F(AccessMatrix, OptionsOfTheRootSayWhatIsSpokenAsThoseOfEventsDo) {
  const auto root = send("OPTIONS", "/"), events_of = send("OPTIONS", "/eventTypes");
  EXPECT_EQ(root.status, 204);
  EXPECT_EQ(root.headers.at("allow"), events_of.headers.at("allow"));
  std::size_t gs1 = 0;
  for (const auto& [name, value] : events_of.headers) {
    if (!name.starts_with("gs1-")) continue;
    ++gs1;
    EXPECT_TRUE(root.headers.contains(name)) << name;
    if (root.headers.contains(name)) {
      EXPECT_EQ(root.headers.at(name), value) << name;
    }
  }
  EXPECT_GE(gs1, 9u);
  EXPECT_EQ(send("OPTIONS", "/", {{"Accept", "text/html"}}).headers.at("gs1-epcis-version"),
            "2.0.0");
  const auto page = send("GET", "/", {{"Accept", "*/*"}});
  EXPECT_FALSE(page.headers.contains("gs1-epcis-version")) << "the page, as before";
  EXPECT_EQ(page.headers.at("vary"), "Accept");
}

TEST_F(AccessMatrix, HoldsForNobody) {
  for (const auto& row : kMatrix)
    check(row, 0, {}, std::string(row.method) + " " + row.target + " by nobody");
}

TEST_F(AccessMatrix, HoldsForEveryRoleByCertificate) {
  for (const auto& row : kMatrix) {
    for (std::size_t i = 0; i < std::size(kRoles); ++i) {
      const std::string who = "yunhe/" + std::string(1, kRoles[i].first);
      check(row, i + 1, certificate(who), std::string(row.method) + " " + row.target + " " + who);
    }
  }
}

TEST_F(AccessMatrix, HoldsForEveryRoleByToken) {
  for (const auto& row : kMatrix) {
    for (std::size_t i = 0; i < std::size(kRoles); ++i) {
      check(row, i + 1, token({kRoles[i].second}),
            std::string(row.method) + " " + row.target + " token of " + kRoles[i].first);
    }
  }
}

TEST_F(AccessMatrix, CredentialsThatDoNotHoldAreRefusedEverywhere) {
  rules.rates = access::GateRules::unlimited();
  open();
  auto late = order({AccessRole::kReader});
  late.issued = late.issued - Millis(600'000);
  late.expires = late.issued + Millis(300'000);
  auto elsewhere = order({AccessRole::kReader});
  elsewhere.issuer = "https://evil.example";
  auto for_others = order({AccessRole::kReader});
  for_others.audience = "https://other.example";
  const auto stranger = *signer_openssl(new_scalar().view());
  const auto good = *access::issue_token(order({AccessRole::kReader}), *issuer_key);
  const auto first_dot = good.find('.'), last_dot = good.rfind('.');
  // More than it was issued for, under the old signature.
  auto payload = nlohmann::json::parse(as_text(*access::from_base64url(
      std::string_view(good).substr(first_dot + 1, last_dot - first_dot - 1))));
  payload["scope"] = "lotmark:admin";
  const std::string changed = access::base64url(as_bytes(payload.dump()));
  const std::string no_algorithm =
      access::base64url(as_bytes(nlohmann::json({{"alg", "none"}, {"typ", "at+jwt"}}).dump()));
  const std::pair<const char*, std::string> bad[] = {
      {"expired", *access::issue_token(late, *issuer_key)},
      {"another issuer's", *access::issue_token(elsewhere, *issuer_key)},
      {"for another audience", *access::issue_token(for_others, *issuer_key)},
      {"by an unknown key", *access::issue_token(order({AccessRole::kReader}), *stranger)},
      {"forged", good.substr(0, first_dot + 1) + changed + good.substr(last_dot)},
      {"alg none", no_algorithm + "." + changed + "."},
      {"alg none with a signature", no_algorithm + "." + changed + good.substr(last_dot)},
      {"cut", good.substr(0, good.size() - 20)},
      {"empty", ""},
      {"no token", "x"},
  };
  ASSERT_EQ(send("GET", "/events", bearer(good)).status, 200);
  for (const auto& [label, text] : bad) {
    for (const auto& row : kMatrix) {
      const auto r = send(row.method, row.target, bearer(text));
      EXPECT_EQ(r.status, 401) << label << " " << row.method << " " << row.target;
      EXPECT_TRUE(r.headers.contains("www-authenticate"));
    }
    // Nor does a good certificate beside it help.
    auto both = certificate("yunhe/R");
    both["Authorization"] = "Bearer " + text;
    EXPECT_EQ(send("GET", "/events", both).status, 401) << label;
  }
}

TEST_F(AccessMatrix, HeadersOfWhoIsNoProxyAreIgnored) {
  rules.callers.proxies = {"192.0.2.1"};
  open();
  for (const auto& row : kMatrix) {
    const std::string label = std::string(row.method) + " " + row.target;
    check(row, 0, certificate("yunhe/A"), label);
  }
  rules.callers.proxies.clear();
  open();
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/R")).status, 401);
  EXPECT_EQ(send("GET", "/events", token({AccessRole::kReader})).status, 200);
}

TEST_F(AccessMatrix, ACertificateThatTheProxyDidNotVerifyIsNobodys) {
  for (const char* verify : {"NONE", "FAILED:expired", "success", ""}) {
    auto headers = certificate("yunhe/R");
    headers["X-Lotmark-Client-Verify"] = verify;
    EXPECT_EQ(send("GET", "/events", headers).status, 401) << verify;
  }
  EXPECT_EQ(send("GET", "/events", certificate("yunhe/unknown")).status, 403);
}

TEST_F(AccessMatrix, OthersOfAllRolesAreNotOfThisOrganisation) {
  EXPECT_EQ(
      send("POST", "/capture", certificate("mei/all"), document({event("urn:x:2", 2)})).status,
      403);
  EXPECT_EQ(send("GET", "/capture", certificate("mei/all")).status, 403);
  EXPECT_EQ(send("GET", "/queries/q/subscriptions", certificate("mei/all")).status, 403);
  EXPECT_EQ(
      json_of(send("GET", "/events",
                   certificate("mei/all")))["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
          .size(),
      1u)
      << "as a regulator";
}

TEST_F(AccessMatrix, APartnerSeesNoEventButTheHashOfOneItKnows) {
  const auto seen = [&](const http::Headers& who, const std::string& target) {
    return json_of(send("GET", target, who));
  };
  const auto partner = certificate("yunhe/P");
  const auto reader = certificate("yunhe/R");
  const auto list = [](const nlohmann::json& j) {
    return j["epcisBody"]["queryResults"]["resultsBody"]["eventList"].size();
  };
  for (const char* target : {"/events", "/events?EQ_bizStep=shipping", "/bizSteps/shipping/events",
                             "/eventTypes/ObjectEvent/events"}) {
    EXPECT_EQ(list(seen(reader, target)), 1u) << target;
    EXPECT_EQ(list(seen(partner, target)), 0u) << target;
  }
  for (const char* target : {"/epcs", "/bizSteps"}) {
    EXPECT_FALSE(seen(reader, target)["member"].empty()) << target;
    EXPECT_TRUE(seen(partner, target)["member"].empty()) << target;
  }
  EXPECT_EQ(send("GET", "/bizSteps/shipping", reader).status, 200);
  EXPECT_EQ(send("GET", "/bizSteps/shipping", partner).status, 404);
  const std::string path = "/events/" + http::percent_encode(kFirst);
  EXPECT_EQ(list(seen(reader, path)), 1u);
  const auto hidden = send("GET", path, partner);
  EXPECT_EQ(hidden.status, 403);
  EXPECT_EQ(json_of(hidden)["type"], "epcisException:SecurityException");
  ASSERT_EQ(json_of(hidden)["lotmark:eventHashes"].size(), 1u);
  EXPECT_TRUE(
      json_of(hidden)["lotmark:eventHashes"][0].get<std::string>().starts_with("ni:///sha-256;"));
  EXPECT_EQ(as_text(hidden.body).find("shipping"), std::string_view::npos);
  ASSERT_TRUE(keeper->capture(node::test::request_of({node::test::observed("urn:x:2", 2, 0)})));
  EXPECT_EQ(send("GET", "/events?maxEventCount=1", reader).status, 413);
  EXPECT_EQ(send("GET", "/events?maxEventCount=1", partner).status, 200) << "nor how many";
}

TEST_F(AccessMatrix, WithoutAccessTablesNobodyComesIn) {
  server.reset();
  routes = std::make_unique<Routes>(lots, clock, *PageFiles::read({}), "https://lot.example",
                                    link::Links(), "/events", events.get());
  server.emplace(
      *http::Server::start({}, [this](const http::Request& r) { return routes->handle(r); }));
  client.emplace(*http::Client::make({.base_url = server->url()}));
  for (const auto& row : kMatrix) {
    check(row, 0, {}, std::string(row.method) + " " + row.target);
    check(row, 0, certificate("yunhe/A"), std::string(row.method) + " " + row.target);
  }
  EXPECT_EQ(send("GET", "/events", token({AccessRole::kReader})).status, 401);
}

TEST_F(AccessMatrix, RatesHoldForEachByWhatItShows) {
  rules.rates.nobody = {.per_second = 0.01, .burst = 3, .clients_max = 100};
  rules.rates.known = {.per_second = 0.01, .burst = 5, .clients_max = 100};
  rules.rates.bodies = {.per_second = 0.01, .burst = 4, .clients_max = 100};
  open();
  const auto statuses = [&](const http::Headers& who, int n) {
    std::map<int, int> out;
    for (int i = 0; i < n; ++i) ++out[send("GET", "/events", who).status];
    return out;
  };
  EXPECT_EQ(statuses({}, 10), (std::map<int, int>{{401, 3}, {429, 7}}));
  EXPECT_EQ(statuses(certificate("yunhe/R"), 10), (std::map<int, int>{{200, 5}, {429, 5}}));
  EXPECT_EQ(statuses(token({AccessRole::kReader}), 10), (std::map<int, int>{{200, 5}, {429, 5}}));
  const auto refused = send("GET", "/events", certificate("yunhe/R"));
  EXPECT_GE(std::stoi(refused.headers.at("retry-after")), 1);
  EXPECT_EQ(json_of(refused)["title"], "Too Many Requests");
  EXPECT_EQ(json_of(refused)["type"], "epcisException:ImplementationException");
  auto elsewhere = certificate("none");
  elsewhere["X-Lotmark-Client-Verify"] = "NONE";
  elsewhere["X-Lotmark-Client-Address"] = "198.51.100.77";
  EXPECT_EQ(send("GET", "/events", elsewhere).status, 401) << "another address behind the proxy";
  std::vector<nlohmann::json> many;
  for (int i = 0; i < 12; ++i) many.push_back(event("", i));
  EXPECT_EQ(send("POST", "/capture", certificate("yunhe/C"), document(many)).status, 202);
  EXPECT_EQ(send("POST", "/capture", certificate("yunhe/C"), document(many)).status, 429);
}

}  // namespace
}  // namespace lotmark::api::test

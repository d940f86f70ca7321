// Every route times every role, written down here by hand a second time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/access/policy.h"

namespace lotmark::api::access::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  const char* method;
  const char* path;
  // One letter each for nobody, Capture, Reader, Partner, reGulator, agencY, Admin, in this order; - is refused.
  const char* allowed;
};

constexpr AccessRole kRoles[] = {AccessRole::kCapture,   AccessRole::kReader, AccessRole::kPartner,
                                 AccessRole::kRegulator, AccessRole::kAgency, AccessRole::kAdmin};

// clang-format off
constexpr Row kExpected[] = {
    {"GET",    "/",                                    "NCRPGYA"},
    {"POST",   "/",                                    "-------"},
    {"POST",   "/capture",                             "-C---Y-"},
    {"GET",    "/capture",                             "-C---YA"},
    {"HEAD",   "/capture",                             "-C---YA"},
    {"DELETE", "/capture",                             "-------"},
    {"GET",    "/capture/0190-a",                      "-C---YA"},
    {"POST",   "/capture/0190-a",                      "-------"},
    {"POST",   "/events",                              "-C---Y-"},
    {"GET",    "/events",                              "--RPG-A"},
    {"PUT",    "/events",                              "-------"},
    {"GET",    "/events/ni%3A%2F%2F%2Fsha-256%3Bab",   "--RPG-A"},
    {"DELETE", "/events/ni%3A%2F%2F%2Fsha-256%3Bab",   "-------"},
    {"GET",    "/eventTypes",                          "--RPG-A"},
    {"GET",    "/eventTypes/ObjectEvent",              "--RPG-A"},
    {"GET",    "/eventTypes/ObjectEvent/events",       "--RPG-A"},
    {"GET",    "/epcs",                                "--RPG-A"},
    {"GET",    "/epcs/urn%3Aepc%3Aid%3Ax",             "--RPG-A"},
    {"GET",    "/epcs/urn%3Aepc%3Aid%3Ax/events",      "--RPG-A"},
    {"GET",    "/bizSteps",                            "--RPG-A"},
    {"GET",    "/bizSteps/shipping",                   "--RPG-A"},
    {"GET",    "/bizSteps/shipping/events",            "--RPG-A"},
    {"GET",    "/bizLocations",                        "--RPG-A"},
    {"GET",    "/bizLocations/x",                      "--RPG-A"},
    {"GET",    "/bizLocations/x/events",               "--RPG-A"},
    {"GET",    "/readPoints",                          "--RPG-A"},
    {"GET",    "/readPoints/x",                        "--RPG-A"},
    {"GET",    "/readPoints/x/events",                 "--RPG-A"},
    {"GET",    "/dispositions",                        "--RPG-A"},
    {"GET",    "/dispositions/x",                      "--RPG-A"},
    {"GET",    "/dispositions/x/events",               "--RPG-A"},
    {"POST",   "/dispositions/x/events",               "-------"},
    {"GET",    "/queries",                             "--R-G-A"},
    {"POST",   "/queries",                             "--R-G-A"},
    {"GET",    "/queries/q",                           "--R-G-A"},
    {"DELETE", "/queries/q",                           "--R-G-A"},
    {"GET",    "/queries/q/events",                    "--R-G-A"},
    {"GET",    "/queries/q/subscriptions",             "------A"},
    {"POST",   "/queries/q/subscriptions",             "------A"},
    {"GET",    "/queries/q/subscriptions/7",           "------A"},
    {"DELETE", "/queries/q/subscriptions/7",           "------A"},
    {"DELETE", "/nextPageToken/t",                     "--RPG-A"},
    {"GET",    "/nextPageToken/t",                     "-------"},
    {"GET",    "/export/events.csv",                   "----G-A"},
    {"GET",    "/export/2026/06",                      "----G-A"},
    {"POST",   "/export/events.csv",                   "-------"},
    {"GET",    "/lotmark/v1/events/urn%3Ax%3A1/proof", "--RPG-A"},
    {"POST",   "/lotmark/v1/events/urn%3Ax%3A1/proof", "-------"},
    {"GET",    "/00/106141412345678908",               "NCRPGYA"},
    {"GET",    "/01/09506000134352/10/A/21/7",         "NCRPGYA"},
    {"HEAD",   "/01/09506000134352/10/A%2F1",          "NCRPGYA"},
    {"POST",   "/01/09506000134352",                   "-------"},
    {"GET",    "/253/9506000134352",                   "NCRPGYA"},
    {"GET",    "/255/9506000134352",                   "NCRPGYA"},
    {"GET",    "/401/x",                               "NCRPGYA"},
    {"GET",    "/402/95060001343521234",               "NCRPGYA"},
    {"GET",    "/414/9506000134352/254/1",             "NCRPGYA"},
    {"GET",    "/415/9506000134352/8020/1",            "NCRPGYA"},
    {"GET",    "/417/9506000134352",                   "NCRPGYA"},
    {"GET",    "/8003/x",                              "NCRPGYA"},
    {"GET",    "/8004/x",                              "NCRPGYA"},
    {"GET",    "/8006/x",                              "NCRPGYA"},
    {"GET",    "/8010/x",                              "NCRPGYA"},
    {"GET",    "/8013/x",                              "NCRPGYA"},
    {"GET",    "/8017/x",                              "NCRPGYA"},
    {"GET",    "/8018/x",                              "NCRPGYA"},
    {"GET",    "/.well-known/gs1resolver",             "NCRPGYA"},
    {"GET",    "/v1/verify/09506000134352/A",          "NCRPGYA"},
    {"GET",    "/v1/receipts/09506000134352/A",        "NCRPGYA"},
    {"GET",    "/v1/lots",                             "NCRPGYA"},
    {"POST",   "/v1/lots",                             "-------"},
    {"GET",    "/v1/checkpoint",                       "NCRPGYA"},
    {"GET",    "/page/app.js",                         "NCRPGYA"},
    {"GET",    "/lot/01/06901234567892/10/A",          "NCRPGYA"},
    {"GET",    "/lot/",                                "NCRPGYA"},
    {"GET",    "/page/verifier/check.js",              "NCRPGYA"},
    {"GET",    "/openapi.json",                        "NCRPGYA"},
    {"GET",    "/docs",                                "NCRPGYA"},
    {"GET",    "/healthz",                             "NCRPGYA"},
    {"GET",    "/metrics",                             "-------"},
    // In no row.
    {"GET",    "/v1",                                  "-------"},
    {"GET",    "/v1/lots/1",                           "-------"},
    {"GET",    "/v2/lots",                             "-------"},
    {"GET",    "/control/v1/status",                   "-------"},
    {"GET",    "/peer/v1/blocks",                      "-------"},
    {"GET",    "/admin",                               "-------"},
    {"GET",    "/21/7",                                "NCRPGYA"},
    {"GET",    "/01",                                  "NCRPGYA"},
    {"GET",    "/01/",                                 "NCRPGYA"},
    {"GET",    "/queries/q/subscriptions/7/x",         "-------"},
    {"GET",    "/queries/q/other",                     "-------"},
};
// clang-format on

TEST(Policy, IsWhatIsWrittenHereForEveryRouteAndRole) {
  for (const Row& row : kExpected) {
    const auto label = std::string(row.method) + " " + row.path;
    EXPECT_EQ(decide(row.method, row.path, {}).verdict == Verdict::kAllowed, row.allowed[0] != '-')
        << label << " nobody";
    for (std::size_t i = 0; i < std::size(kRoles); ++i) {
      const Standing caller{.roles = {kRoles[i]}, .known = true};
      const auto d = decide(row.method, row.path, caller);
      EXPECT_EQ(d.verdict == Verdict::kAllowed, row.allowed[i + 1] != '-')
          << label << " " << name(kRoles[i]);
      EXPECT_EQ(d.is_private && d.verdict == Verdict::kAllowed,
                row.allowed[0] == '-' && row.allowed[i + 1] != '-')
          << label;
      if (d.is_private && d.verdict == Verdict::kAllowed) {
        EXPECT_EQ(d.granted, RoleSet{kRoles[i]}) << label;
      }
    }
  }
}

TEST(Policy, OnlyTheRolesThatLetACallerInAreGranted) {
  const Standing all{.roles = RoleSet::all(), .known = true};
  const auto capture = decide("POST", "/capture", all);
  EXPECT_EQ(names(capture.granted), "capture agency");
  EXPECT_FALSE(capture.granted.has(AccessRole::kRegulator));
  const auto events = decide("GET", "/events", all);
  EXPECT_EQ(names(events.granted), "reader partner regulator admin");
  EXPECT_TRUE(decide("GET", "/", all).granted.empty());
}

TEST(Policy, KnownWithoutARoleIsNobodyWithAName) {
  const Standing known{.known = true};
  EXPECT_EQ(decide("GET", "/events", known).verdict, Verdict::kForbidden);
  EXPECT_EQ(decide("GET", "/events", {}).verdict, Verdict::kNoCredentials);
  EXPECT_EQ(decide("GET", "/v1/lots", known).verdict, Verdict::kAllowed);
}

TEST(Policy, MetricsAreForThisMachineAlone) {
  EXPECT_EQ(decide("GET", "/metrics", {.loopback = true}).verdict, Verdict::kAllowed);
  EXPECT_EQ(decide("OPTIONS", "/metrics", {}).verdict, Verdict::kForbidden);
  const Standing all{.roles = RoleSet::all(), .known = true};
  const auto d = decide("GET", "/metrics", all);
  EXPECT_EQ(d.verdict, Verdict::kForbidden);
  const auto r = refusal(d, all);
  EXPECT_EQ(r.status, 403);
  EXPECT_FALSE(r.headers.contains("WWW-Authenticate"));
}

TEST(Policy, AnybodyMayAskForTheOptionsOfARoute) {
  for (const char* path : {"/events", "/capture", "/queries/q/subscriptions", "/export/x", "/01/1"})
    EXPECT_EQ(decide("OPTIONS", path, {}).verdict, Verdict::kAllowed) << path;
  EXPECT_FALSE(decide("OPTIONS", "/events", {}).is_private);
  EXPECT_EQ(decide("OPTIONS", "/nothing", {}).verdict, Verdict::kNoRoute);
  EXPECT_EQ(decide("OPTIONS", "/queries/q", {}).allow, "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(decide("OPTIONS", "/nextPageToken/t", {}).allow, "DELETE, OPTIONS");
}

TEST(Policy, PathsAreReadOneWay) {
  for (const char* path : {"",
                           "*",
                           "events",
                           "//events",
                           "/events/",
                           "/Events",
                           "/EVENTS",
                           "/%65vents",
                           "/events//",
                           "/events/a/b",
                           "/page/../events",
                           "/page/%2e%2e/events",
                           "/page/.%2E/events",
                           "/page/./x",
                           "/page/%2E/x",
                           "/01/../events",
                           "/events/..",
                           "/events/.",
                           "/export",
                           "/export/",
                           "/page/",
                           "/capture/",
                           "/queries//events",
                           "/epcs//events",
                           "/events?x",
                           "/events#x",
                           "/events;x"}) {
    EXPECT_EQ(
        decide("GET", path, {.roles = RoleSet::all(), .known = true, .loopback = true}).verdict,
        Verdict::kNoRoute)
        << path;
  }
  // An encoded slash stays in its segment.
  const Standing reader{.roles = {AccessRole::kReader}, .known = true};
  EXPECT_EQ(decide("GET", "/events/a%2Fb", reader).route, "/events/{id}");
  EXPECT_EQ(decide("GET", "/events/..%2Fb", reader).route, "/events/{id}");
  EXPECT_EQ(decide("GET", "/page/..app.js", {}).route, "/page/...");
  EXPECT_EQ(decide("GET", "/page/" + std::string(100'000, '/'), {}).route, "/page/...");
}

TEST(Policy, MethodsAreReadAsTheyAre) {
  const Standing all{.roles = RoleSet::all(), .known = true};
  for (const char* method : {"", "get", "Get", "TRACE", "PATCH", "CONNECT", "GET ", "OPTIONS2"})
    EXPECT_EQ(decide(method, "/events", all).verdict, Verdict::kNoMethod) << method;
}

nlohmann::json body(const http::Response& r) { return nlohmann::json::parse(as_text(r.body)); }

TEST(Refusals, OfEpcisRoutesHaveTheStandardsType) {
  const Standing agency{.roles = {AccessRole::kAgency}, .known = true};
  for (const Standing& caller : {Standing{}, agency}) {
    const auto r = refusal(decide("GET", "/events", caller), caller);
    EXPECT_EQ(r.status, caller.known ? 403 : 401);
    EXPECT_EQ(r.content_type, "application/problem+json");
    EXPECT_EQ(body(r)["type"], "epcisException:SecurityException");
    EXPECT_EQ(body(r)["status"], r.status);
    EXPECT_TRUE(body(r)["title"].is_string());
    EXPECT_EQ(r.headers.at("Cache-Control"), "no-store");
  }
}

TEST(Refusals, SayHowToComeIn) {
  const auto first = refusal(decide("GET", "/events", {}), {});
  EXPECT_EQ(first.headers.at("WWW-Authenticate"), "Bearer realm=\"lotmark\"");
  const Standing agency{.roles = {AccessRole::kAgency}, .known = true};
  const auto r = refusal(decide("POST", "/queries", agency), agency);
  EXPECT_EQ(r.headers.at("WWW-Authenticate"),
            "Bearer realm=\"lotmark\", error=\"insufficient_scope\", "
            "scope=\"lotmark:read lotmark:regulator lotmark:admin\"");
  EXPECT_THAT(body(r)["detail"].get<std::string>(), HasSubstr("the caller has: agency"));
}

TEST(Refusals, OfOtherRoutesAreOurOwn) {
  const auto r = refusal(decide("GET", "/export/x", {}), {});
  EXPECT_EQ(r.status, 401);
  EXPECT_FALSE(body(r).contains("type"));
  EXPECT_EQ(refusal(decide("GET", "/nothing", {}), {}).status, 404);
  const auto method = refusal(decide("PUT", "/events", {}), {});
  EXPECT_EQ(method.status, 405);
  EXPECT_THAT(std::string(as_text(method.body)), HasSubstr("epcisException:Implementation"));
  EXPECT_EQ(method.headers.at("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST(Refusals, OfBadCredentialsFitIntoAHeader) {
  const auto r = bad_credentials(decide("GET", "/events", {}),
                                 "a \"quote\"\r\nSet-Cookie: \\ \xc3\xa9" + std::string(1000, 'x'));
  EXPECT_EQ(r.status, 401);
  const std::string& header = r.headers.at("WWW-Authenticate");
  EXPECT_THAT(header, HasSubstr("error=\"invalid_token\", error_description=\"a ?quote?"));
  EXPECT_THAT(header, Not(HasSubstr("\n")));
  EXPECT_LT(header.size(), 400u);
  EXPECT_EQ(body(r)["type"], "epcisException:SecurityException");
}

}  // namespace
}  // namespace lotmark::api::access::test

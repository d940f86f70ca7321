// The routes over events of our own: what is said is found, and what strangers send at addresses and bodies is refused.
#include <algorithm>

#include "tests/unit/api_epcis/derived.h"
#include "tests/unit/api_epcis/own_documents.h"
#include "tests/unit/api_epcis/server.h"

namespace lotmark::api::epcis::test {
namespace {

class EpcisRoutes : public testing::Test {
 protected:
  void SetUp() override { EXPECT_EQ(server.captured(own_document(own_events()))["success"], true); }
  int status_of(const std::string& target, http::Headers headers = {}) {
    return server.ask("GET", target, {}, std::move(headers)).status;
  }
  Server server;
};

TEST_F(EpcisRoutes, EachEventIsFoundByEverythingItSays) {
  const auto events = server.events("/events?perPage=1000");
  EXPECT_EQ(events.size(), own_events().size());
  for (const auto& event : events) {
    for (const auto& parameter : derived_parameters(event)) {
      const auto found = server.events("/events" + query_of({parameter}));
      EXPECT_TRUE(std::ranges::find(found, event) != found.end())
          << parameter.first << "=" << parameter.second;
    }
  }
}

TEST_F(EpcisRoutes, WhatNoneOfThemSaysFindsNone) {
  for (auto [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"EQ_bizStep", "destroying"},
           {"MATCH_epc", "https://id.gs1.org/01/06901234567892/21/404"},
           {"MATCH_inputEPC", "https://id.gs1.org/01/06901234567892/21/2"},
           {"MATCH_epcClass", "https://id.gs1.org/01/06901234567892"},
           {"EQ_bizTransaction_inv", "https://farm.example/orders/9"},
           {"GT_maxValue_CEL", "7.5"},
           {"LT_minValue_KEL", "275.4"},
           {"GT_sDev_KEL", "0.5"},
           {"LT_eventTime", "2026-05-04T02:20:30.116Z"},
           {"EQ_farm:shelf", "7"},
           {"EQ_quantity_GRM", "12500.1"}}) {
    EXPECT_TRUE(server.events("/events" + query_of({{name, value}})).empty()) << name;
  }
}

TEST_F(EpcisRoutes, AmountsAreFoundInOtherUnits) {
  EXPECT_EQ(server.events("/events" + query_of({{"EQ_maxValue_KEL", "280.65"}})).size(), 1u);
  EXPECT_EQ(server.events("/events" + query_of({{"EQ_quantity_GRM", "12500"}})).size(), 1u);
  EXPECT_EQ(server.events("/events" + query_of({{"LE_quantity_KGM", "2"}})).size(), 1u);
  EXPECT_EQ(server.events("/events" + query_of({{"EQ_sDev_FAH", "0.9"}})).size(), 1u)
      << "a deviation has no zero point";
}

TEST_F(EpcisRoutes, AddressesThatAreBadlyWrittenAreRefused) {
  for (const char* target :
       {"/events?%", "/events?EQ_action=%ff%fe", "/events?=", "/events?perPage=-1",
        "/events?perPage=2&perPage=3", "/epcs?perPage=2&perPage=3",
        "/export/events?after=0&after=5", "/events?perPage=1e3",
        "/events?nextPageToken=", "/events?nextPageToken=zz",
        "/events?eventCountLimit=18446744073709551616&orderBy=eventTime",
        "/events?orderBy=", "/events?GE_eventTime=2026-02-30T00:00:00Z", "/events?EQ_bizStep=%00",
        "/capture?nextPageToken=-1", "/capture?nextPageToken=18446744073709551615",
        "/epcs?nextPageToken=xyz", "/events?EQ_action=", "/events?MATCH_epc=not%20a%20uri"}) {
    EXPECT_EQ(status_of(target), 400) << target;
  }
}

TEST_F(EpcisRoutes, AddressesOfNothingAre404) {
  for (const char* target :
       {"/events/none", "/events/%00", "/events/%F0%9F%90%87", "/capture/none",
        "/capture/..%2F..%2Fetc%2Fpasswd", "/eventTypes/Event", "/epcs/x", "/bizSteps/%7C",
        "/bizSteps/a%7Cb/events", "/readPoints/none", "/dispositions/none"}) {
    EXPECT_EQ(status_of(target), 404) << target;
  }
}

TEST_F(EpcisRoutes, TypesOfExtensionEventsAreListedAndLeadToTheirEvents) {
  const auto event = [](const char* type, int n) {
    return Json{{"type", type},
                {"eventID", "https://farm.example/events/x" + std::to_string(n)},
                {"eventTime", "2026-05-04T16:00:00Z"},
                {"eventTimeZoneOffset", "+08:00"}};
  };
  const Json job = server.captured(
      own_document({event("https://ex.example/MyEvent", 1), event("farm:Shearing", 2),
                    event("urn:ex:b", 3), event("epcis:ObjectEvent", 4)}));
  EXPECT_EQ(job["success"], true) << job;
  const std::vector<std::string> all = {"AggregationEvent",
                                        "AssociationEvent",
                                        "ObjectEvent",
                                        "TransactionEvent",
                                        "TransformationEvent",
                                        "https://ex.example/MyEvent",
                                        "https://farm.example/ns/Shearing",
                                        "urn:ex:b"};
  EXPECT_EQ(json_of(server.ask("GET", "/eventTypes"))["member"], Json(all));
  std::vector<std::string> paged;
  for (std::string next = "/eventTypes?perPage=3"; !next.empty();) {
    const auto page = server.ask("GET", next);
    const Json body = json_of(page);
    for (const auto& member : body["member"]) paged.push_back(member);
    const auto link = page.headers.find("Link");
    next = link == page.headers.end() ? "" : link->second.substr(link->second.find("/eventTypes"));
    next.resize(std::min(next.size(), next.find('>')));
  }
  EXPECT_EQ(paged, all);
  const auto count = [&](const char* type) {
    const std::string one = "/eventTypes/" + http::percent_encode(type);
    EXPECT_EQ(status_of(one), 200) << type;
    return server.events(one + "/events").size();
  };
  EXPECT_EQ(count("https://ex.example/MyEvent"), 1u);
  EXPECT_EQ(count("https://farm.example/ns/Shearing"), 1u);
  EXPECT_EQ(count("urn:ex:b"), 1u);
  EXPECT_EQ(count("https://ref.gs1.org/epcis/AggregationEvent"), 1u);
  for (const char* none : {"https://ex.example/Other", "urn:ex", "a|b"}) {
    EXPECT_EQ(status_of("/eventTypes/" + http::percent_encode(none)), 404) << none;
    EXPECT_EQ(status_of("/eventTypes/" + http::percent_encode(none) + "/events"), 404) << none;
  }
}

TEST_F(EpcisRoutes, ALinkNamesEachParameterOnceHoweverItWasWritten) {
  const auto first = server.ask("GET", "/events?orderBy=eventTime&per%50age=1");
  ASSERT_TRUE(first.headers.contains("Link"));
  std::string link = first.headers.at("Link");
  for (int page = 0; page < 2; ++page) {
    const auto at = link.find("/events");
    std::string target = link.substr(at, link.find('>') - at);
    if (page == 1) target.replace(target.find("nextPageToken"), 4, "n%65xt");
    const auto next = server.ask("GET", target);
    ASSERT_EQ(next.status, 200) << target;
    ASSERT_TRUE(next.headers.contains("Link")) << target;
    link = next.headers.at("Link");
  }
}

TEST_F(EpcisRoutes, APageTokenIsGoodForItsQueryAlone) {
  const auto first = server.ask("GET", "/events?orderBy=eventTime&perPage=2");
  const std::string& link = first.headers.at("Link");
  const auto at = link.find("nextPageToken=");
  const std::string token = link.substr(at, link.find('>') - at);
  EXPECT_EQ(status_of("/events?orderBy=eventTime&perPage=2&" + token), 200);
  EXPECT_EQ(status_of("/events?orderBy=eventTime&perPage=5&" + token), 200)
      << "the size may change";
  EXPECT_EQ(status_of("/events?orderBy=recordTime&perPage=2&" + token), 400);
  EXPECT_EQ(status_of("/eventTypes/ObjectEvent/events?orderBy=eventTime&perPage=2&" + token), 400);
  for (std::size_t i = std::string("nextPageToken=").size(); i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_EQ(status_of("/events?orderBy=eventTime&perPage=2&" + changed), 400) << i;
  }
}

TEST_F(EpcisRoutes, ATokenThatIsGivenBackIsTakenAndWhatIsNoneIsNot) {
  for (const char* list : {"/events?perPage=2", "/epcs?perPage=1"}) {
    const auto answer = server.ask("GET", list);
    ASSERT_TRUE(answer.headers.contains("Link")) << list;
    const std::string& link = answer.headers.at("Link");
    const auto at = link.find("nextPageToken=") + std::string("nextPageToken=").size();
    const std::string token = link.substr(at, link.find('>') - at);
    const auto back = server.ask("DELETE", "/nextPageToken/" + token);
    EXPECT_EQ(back.status, 204) << list;
    EXPECT_TRUE(back.body.empty());
    EXPECT_TRUE(back.headers.contains("GS1-EPCIS-Version"));
    EXPECT_EQ(server.ask("DELETE", "/nextPageToken/" + token).status, 204) << "again";
  }
  for (const char* none : {"x", "-1", "abc", "%00", "0x10", "184467440737095516150", "%E2%82%AC"}) {
    const auto answer = server.ask("DELETE", std::string("/nextPageToken/") + none);
    EXPECT_EQ(answer.status, 404) << none;
    EXPECT_EQ(json_of(answer)["type"], "epcisException:NoSuchResourceException");
  }
  EXPECT_EQ(server.ask("GET", "/nextPageToken/30").status, 405);
}

TEST_F(EpcisRoutes, BodiesCutAnywhereAreRefusedAndStoreNothing) {
  const std::string whole = own_document({own_events()[0]});
  const auto before = server.events("/events?perPage=1000").size();
  for (std::size_t size = 1; size < whole.size(); size += 7) {
    const auto answer = server.ask("POST", "/capture", whole.substr(0, size));
    EXPECT_EQ(answer.status, 400) << size;
    EXPECT_EQ(json_of(answer)["type"], "epcisException:ValidationException");
  }
  EXPECT_EQ(server.events("/events?perPage=1000").size(), before);
}

TEST_F(EpcisRoutes, IdentifiersAreLinksUnlessAnotherFormIsAskedFor) {
  const std::string target = "/events/" + http::percent_encode("https://farm.example/events/1");
  const auto list = [&](http::Headers headers) {
    const auto body = json_of(server.ask("GET", target, {}, std::move(headers)));
    return body["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["epcList"];
  };
  const Json sent = own_events()[0]["epcList"];
  EXPECT_EQ(list({{"gs1-epc-format", "No_Preference"}}), sent);
  EXPECT_EQ(list({{"gs1-epc-format", "Never_Translates"}}), sent);
  const std::string absent;
  for (const auto& form : {std::string("Always_GS1_Digital_Link"), absent})
    EXPECT_EQ(list({{"gs1-epc-format", form}})[1], "https://id.gs1.org/01/06901234567892/21/2");
}

TEST_F(EpcisRoutes, WhatIsTooMuchForTheNodeIsAboveALimitOfCapture) {
  class Full final : public Keeper {
    Result<Json> capture(const node::CaptureRequest&) override {
      return fail(Errc::kTooLarge, "the events name more than 250,000 things");
    }
  };
  Full keeper;
  ReaderPool readers(server.private_db());
  NoPlaces places;
  const ManualClock clock{Time{Millis{1'777'900'100'000}}};
  EpcisApi api(readers, &keeper, places, clock, {.origin = "https://lot.example"});
  Json single = own_events()[0];
  single["@context"] = kOwnContext;
  for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
           {"/capture", own_document({own_events()[0]})}, {"/events", single.dump()}}) {
    http::Request r;
    r.method = "POST";
    r.path = path;
    r.headers["content-type"] = "application/json";
    r.body = to_bytes(as_bytes(body));
    const auto answer = *api.handle(r, {true, false, false});
    EXPECT_EQ(answer.status, 413) << path;
    EXPECT_EQ(json_of(answer)["type"], "epcisException:CaptureLimitExceededException");
    EXPECT_EQ(json_of(answer)["detail"], "the events name more than 250,000 things");
  }
}

TEST_F(EpcisRoutes, WithoutANodeNothingIsCapturedAndAllIsRead) {
  class Unreachable final : public Keeper {
    Result<Json> capture(const node::CaptureRequest&) override {
      return fail(Errc::kUnavailable, "the node does not answer");
    }
  };
  Unreachable keeper;
  ReaderPool readers(server.private_db());
  NoPlaces places;
  const ManualClock clock{Time{Millis{1'777'900'100'000}}};
  EpcisApi down(readers, &keeper, places, clock, {.origin = "https://lot.example"});
  EpcisApi reading(readers, nullptr, places, clock, {.origin = "https://lot.example"});
  http::Request r;
  r.method = "POST";
  r.path = "/capture";
  r.headers["content-type"] = "application/json";
  r.body = to_bytes(as_bytes(own_document({own_events()[0]})));
  EXPECT_EQ(down.handle(r, {true, false, false})->status, 503);
  EXPECT_EQ(down.handle(r, {true, false, false})->headers.at("Retry-After"), "1");
  EXPECT_EQ(reading.handle(r, {true, false, false})->status, 501);
  r.method = "GET";
  r.path = "/events";
  EXPECT_EQ(down.handle(r, {true, false, false})->status, 200);
  EXPECT_EQ(reading.handle(r, {true, false, false})->status, 200);
}

}  // namespace
}  // namespace lotmark::api::epcis::test

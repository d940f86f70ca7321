// GS1's own documents (github.com/gs1/EPCIS of 2023-05-16, folder JSON), where they are beside the repository, each into
// an empty store: what comes back is what was sent, by eventID and by everything that the event says.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/unit/api_epcis/derived.h"
#include "tests/unit/api_epcis/server.h"

namespace lotmark::api::epcis::test {
namespace {

namespace fs = std::filesystem;

const fs::path kData = LOTMARK_SOURCE_DIR "/../shared/data/epcis";

// Two different eventIDs stand in an event of it.
constexpr std::string_view kTwoIds = "AssociationEvent-h.jsonld";

std::vector<fs::path> documents_in(const std::string& folder) {
  std::vector<fs::path> out;
  if (!fs::exists(kData / folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(kData / folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const Json& list_of(const Json& document) {
  const Json& body = document["epcisBody"];
  return body.contains("eventList") ? body["eventList"]
                                    : body["queryResults"]["resultsBody"]["eventList"];
}

Json with_events(Json document, Json events) {
  Json& body = document["epcisBody"];
  if (body.contains("eventList")) body["eventList"] = std::move(events);
  else body["queryResults"]["resultsBody"]["eventList"] = std::move(events);
  return document;
}

// Those that the shared folder has; an empty list skips the test that asked.
class Gs1Documents : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& file : documents_in("samples")) {
      if (file.filename() != kTwoIds) files_.push_back(file);
    }
    if (files_.empty()) GTEST_SKIP() << "GS1's documents are not at " << kData;
  }
  template <class Use>
  void each(const Use& use) {
    for (const auto& file : files_) {
      SCOPED_TRACE(file.filename().string());
      const std::string text = text_of(file);
      use(text, Json::parse(text));
    }
  }
  std::vector<fs::path> files_;
};

// In the order of capture, which is the document's.
std::vector<Json> stored(Server& server) {
  return server.events("/events?orderBy=recordTime&orderDirection=ASC&perPage=1000");
}

TEST_F(Gs1Documents, AreFortySeven) { EXPECT_EQ(files_.size() + 1, 47u); }

TEST_F(Gs1Documents, ComeBackAsTheyWereSentByTheirEventId) {
  each([](const std::string& text, const Json& document) {
    Server server;
    EXPECT_EQ(server.captured(text)["success"], true);
    const auto events = stored(server);
    const Json& sent = list_of(document);
    ASSERT_EQ(events.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      Json expected = as_sent(sent[i]);
      if (!expected.contains("eventID")) {
        EXPECT_TRUE(events[i]["eventID"].get<std::string>().starts_with("ni:///sha-256;"));
        expected["eventID"] = events[i]["eventID"];
      }
      EXPECT_EQ(as_sent(events[i]), expected);
      const auto id = events[i]["eventID"].get<std::string>();
      const auto by_id = server.events("/events/" + http::percent_encode(id));
      EXPECT_TRUE(std::ranges::any_of(by_id, [&](const Json& e) { return as_sent(e) == expected; }))
          << id;
    }
  });
}

TEST_F(Gs1Documents, AreFoundByEverythingTheySay) {
  std::size_t asked = 0;
  std::map<std::string, int> names;
  each([&](const std::string& text, const Json&) {
    Server server;
    server.captured(text);
    for (const auto& event : stored(server)) {
      for (const auto& parameter : derived_parameters(event)) {
        ++asked;
        ++names[parameter.first];
        const auto found = server.events("/events" + query_of({parameter}));
        EXPECT_TRUE(std::ranges::find(found, event) != found.end())
            << parameter.first << "=" << parameter.second;
      }
    }
  });
  EXPECT_GT(asked, 1000u);
  EXPECT_GT(names.size(), 60u);
}

TEST_F(Gs1Documents, AreFoundByAllOfThatTogether) {
  each([](const std::string& text, const Json&) {
    Server server;
    server.captured(text);
    for (const auto& event : stored(server)) {
      std::map<std::string, std::string> once;
      for (const auto& [name, value] : derived_parameters(event)) once.emplace(name, value);
      std::vector<std::pair<std::string, std::string>> all(once.begin(), once.end());
      all.resize(std::min<std::size_t>(all.size(), lotmark::epcis::kQueryParametersMax));
      const auto found = server.events("/events" + query_of(all));
      EXPECT_TRUE(std::ranges::find(found, event) != found.end()) << event["eventID"];
    }
  });
}

TEST_F(Gs1Documents, AreHeldOnceHoweverOftenTheyCome) {
  each([](const std::string& text, const Json&) {
    Server server;
    server.captured(text);
    const auto before = stored(server);
    EXPECT_EQ(server.captured(text)["success"], true) << "the same again is held already";
    EXPECT_EQ(stored(server), before);
  });
}

TEST_F(Gs1Documents, AnotherEventOfAKnownIdIsRefusedBothWays) {
  std::size_t tried = 0;
  each([&](const std::string& text, const Json& document) {
    Server server;
    server.captured(text);
    const auto before = stored(server);
    for (const auto& event : list_of(document)) {
      if (!event.contains("eventID") || event.contains("errorDeclaration")) continue;
      ++tried;
      Json changed = event;
      changed["eventTime"] = "2031-01-01T00:00:00Z";
      const Json again = with_events(document, Json::array({changed}));
      const Json job = server.captured(again.dump());
      EXPECT_EQ(job["success"], false);
      EXPECT_EQ(job["errors"][0]["type"], "epcisException:ResourceAlreadyExistsException");
      for (Json single : {event, changed}) {
        if (!single.contains("@context")) single["@context"] = document["@context"];
        const auto answer = server.ask("POST", "/events", single.dump());
        EXPECT_EQ(answer.status, 409) << as_text(answer.body);
        EXPECT_EQ(json_of(answer)["type"], "epcisException:ResourceAlreadyExistsException");
        EXPECT_EQ(answer.headers.contains("Location"), single["eventTime"] == event["eventTime"])
            << "who sends it again is told where it is";
      }
    }
    EXPECT_EQ(stored(server), before);
  });
  EXPECT_GT(tried, 10u);
}

TEST_F(Gs1Documents, ADeclarationOfTheirErrorIsStoredBesideThem) {
  std::size_t tried = 0;
  each([&](const std::string& text, const Json& document) {
    Server server;
    server.captured(text);
    for (Json event : list_of(document)) {
      if (!event.contains("eventID") || event.contains("errorDeclaration")) continue;
      ++tried;
      const auto id = event["eventID"].get<std::string>();
      const auto before = server.events("/events" + query_of({{"EQ_eventID", id}})).size();
      event["errorDeclaration"] = {{"declarationTime", "2031-01-01T00:00:00Z"}};
      if (!event.contains("@context")) event["@context"] = document["@context"];
      const auto answer = server.ask("POST", "/events", event.dump());
      EXPECT_EQ(answer.status, 201) << as_text(answer.body);
      EXPECT_EQ(server.events("/events" + query_of({{"EQ_eventID", id}})).size(), before + 1);
    }
  });
  EXPECT_GT(tried, 10u);
}

TEST(Gs1Document, WithTwoIdsInOneEventIsRefusedAtTheSecond) {
  const auto file = kData / "samples/AssociationEvent" / kTwoIds;
  if (!fs::exists(file)) GTEST_SKIP() << "GS1's documents are not at " << kData;
  Server server;
  const auto answer = server.ask("POST", "/capture", text_of(file));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(json_of(answer)["path"], "/epcisBody/eventList/0/eventID");
  EXPECT_TRUE(stored(server).empty());
}

// Where the first fault of each lies, behind /epcisBody/eventList.
const std::map<std::string, std::string> kInvalid = {
    {"Combination_of_events_with_missing_mandatory_fields.json", "/0"},
    {"Combination_of_non_standard_bizStep_and_disposition.json", "/0/bizStep"},
    {"ObjectEvent_with_ilmd_field_without_namespace.json", "/0/ilmd/materialType"},
    {"ObjectEvent_with_invalid_certificationInfo.json", "/0/certificationInfo/0"},
    {"ObjectEvent_with_non_standard_bizStep.json", "/0/bizStep"},
    {"ObjectEvent_with_non_standard_disposition.json", "/0/disposition"},
    {"ObjectEvent_with_unknown_field_in_quantityList.json", "/0/quantityList/0/weight"},
    {"ObjectEvent_without_identifier_list.json", "/0"}};

TEST(InvalidDocument, IsRefusedWithTypeAndPlaceAndStoresNothing) {
  const auto files = documents_in("invalid");
  if (files.empty()) GTEST_SKIP() << "the invalid documents are not at " << kData;
  EXPECT_EQ(files.size(), kInvalid.size());
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    Server server;
    const auto answer = server.ask("POST", "/capture", text_of(file));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const Json problem = json_of(answer);
    EXPECT_EQ(problem["type"], "epcisException:ValidationException");
    EXPECT_EQ(problem["path"], "/epcisBody/eventList" + kInvalid.at(file.filename()));
    EXPECT_TRUE(stored(server).empty());
    const Json job = server.captured(text_of(file), {{"gs1-capture-error-behaviour", "proceed"}});
    EXPECT_EQ(job["success"], false) << "to proceed is to be told of each in a job";
    EXPECT_EQ(job["errors"][0]["path"], problem["path"]);
    EXPECT_TRUE(stored(server).empty());
  }
}

}  // namespace
}  // namespace lotmark::api::epcis::test

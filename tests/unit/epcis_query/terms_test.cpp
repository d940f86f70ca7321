#include "core/epcis/query/terms.h"

#include <random>

#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

std::vector<Term> terms_from(const char* properties) {
  return terms_of(facts_from(event_with(properties)));
}
bool has(const std::vector<Term>& terms, Term term) {
  return std::ranges::binary_search(terms, term);
}
std::vector<std::vector<Term>> needed_by(const Asked& asked) {
  return needed_terms(must(parse_query(asked)));
}

// By printf '\001AObjectEvent' | sha256sum and so on.
TEST(Terms, AreWhatStoredIndexesHold) {
  EXPECT_TRUE(has(terms_from("{}"), 0xd6d0faff9f17d4fb));
  const auto items = terms_from(R"({"epcList": ["urn:epc:id:sgtin:0614141.107346.2018"]})");
  EXPECT_TRUE(has(items, 0x6ec2a15127b658e3)) << "the item";
  EXPECT_TRUE(has(items, 0xf9b40f9ebbd156c9)) << "its class";
  EXPECT_TRUE(has(items, 0x95e03c07a6e74d2d)) << "its kind of key";
  const auto lots = terms_from(R"({"quantityList": [
      {"epcClass": "urn:epc:class:lgtin:0614141.107346.A1", "quantity": 2, "uom": "KGM"}]})");
  EXPECT_TRUE(has(lots, 0xfd194a28dfd56d66));
  EXPECT_TRUE(has(lots, 0x67586e98fad27da0)) << "a quantity";
  EXPECT_TRUE(has(lots, 0x1fc8592129b481a5)) << "a mass";
  EXPECT_TRUE(
      has(terms_from(R"({"bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:1"}]})"),
          0xa52d4eb5feaedc77));
  const auto sensors = terms_from(R"({"errorDeclaration": {}, "sensorElementList": [{"sensorReport":
      [{"time": "2026-03-04T09:30:00Z", "value": 5, "uom": "CEL"}]}]})");
  for (const Term term :
       {0x2b05916d11c3e6fa, 0x20bd7bb0f157e253, 0x2b4c342f5433ebe5, 0x334a3493d90d9f8a})
    EXPECT_TRUE(has(sensors, term)) << term;
  EXPECT_TRUE(has(sensors, 0xbeead77994cf5733));
}

TEST(Terms, OfFieldsAreWhatStoredIndexesHold) {
  EXPECT_TRUE(has(terms_from(R"({"farm:n": "x"})"), 0xd8d3d8a48f47cc57));
  EXPECT_TRUE(has(terms_from(R"({"farm:n": 2.5})"), 0xc8351adb4acf6cfe));
  const auto time = terms_from(R"({"farm:n": "1970-01-01T00:00:00Z"})");
  EXPECT_TRUE(has(time, 0xa556b63927deb26b));
  EXPECT_TRUE(has(time, 0x71a85226ef911837)) << "by the name as written";
  EXPECT_TRUE(has(time, 0xead44b34ff709052)) << "by the full name";
}

TEST(Terms, AreSortedAndEachOnce) {
  const auto terms = terms_from(R"({"epcList": ["urn:x:2", "urn:x:1", "urn:x:2"]})");
  EXPECT_TRUE(std::ranges::is_sorted(terms));
  EXPECT_EQ(std::ranges::adjacent_find(terms), terms.end());
}

TEST(Terms, AnInstanceInAnyListHasOneTerm) {
  EXPECT_EQ(needed_by({{"MATCH_anyEPC", "urn:x:1|urn:x:2"}}).at(0).size(), 2u);
}

TEST(Terms, ParametersWithoutEqualityAskForPresence) {
  for (const auto& asked :
       {Asked{{"GE_value_CEL", "5"}}, Asked{{"GT_quantity", "5"}}, Asked{{"EXISTS_farm:x", "true"}},
        Asked{{"GE_farm:x", "5"}}, Asked{{"EXISTS_errorDeclaration", "true"}},
        Asked{{"GE_time", "2026-03-04T09:30:00Z"}}, Asked{{"HASATTR_bizLocation", "x"}},
        Asked{{"MATCH_epc", "urn:epc:idpat:sscc:*.*"}}})
    EXPECT_EQ(needed_by(asked).size(), 1u) << asked[0].first;
}

TEST(Terms, UnitsOfOneDimensionShareATerm) {
  EXPECT_EQ(needed_by({{"GE_value_CEL", "5"}}), needed_by({{"LT_value_KEL", "300"}}));
  EXPECT_NE(needed_by({{"GE_value_CEL", "5"}}), needed_by({{"GE_value_P1", "5"}}));
  EXPECT_NE(needed_by({{"GE_value_CEL", "5"}}), needed_by({{"GE_maxValue_CEL", "5"}}));
}

TEST(Terms, TheEventsTimesHaveNone) {
  EXPECT_TRUE(needed_by({{"GE_eventTime", "2026-03-04T09:30:00Z"},
                         {"LT_recordTime", "2026-03-04T09:30:00Z"}})
                  .empty());
}

TEST(Terms, TheShortestListIsFirst) {
  const auto needed = needed_by({{"MATCH_epc", "urn:x:1|urn:x:2|urn:x:3"}, {"EQ_action", "ADD"}});
  ASSERT_EQ(needed.size(), 2u);
  EXPECT_EQ(needed[0].size(), 1u);
}

// Random events and queries over few values, so that many queries find many events.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_);
  }
  bool once_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937 engine_;
};

using Texts = std::vector<std::string>;
const Texts kItems = {"urn:epc:id:sgtin:0614141.107346.1",
                      "https://f.example/01/10614141073464/21/1",
                      "https://id.gs1.org/01/10614141073464/21/2",
                      "urn:epc:id:sscc:0614141.1234567890",
                      "https://x.example/00/106141412345678908",
                      "urn:epc:id:gid:1.2.3",
                      "urn:uuid:7",
                      "urn:epc:id:grai:0614141.12345.77"};
const Texts kItemPatterns = {
    "urn:epc:idpat:sgtin:0614141.107346.*", "urn:epc:idpat:sgtin:*.*.*",
    "urn:epc:idpat:sgtin:0614141.*.*",      "https://id.gs1.org/01/10614141073464",
    "urn:epc:idpat:sscc:0614141.*",         "urn:epc:idpat:gid:1.*.*",
    "urn:epc:idpat:grai:0614141.12345.*"};
const Texts kLots = {
    "urn:epc:class:lgtin:0614141.107346.A", "https://f.example/01/10614141073464/10/A",
    "urn:epc:idpat:sgtin:0614141.107346.*", "https://id.gs1.org/01/10614141073464"};
const Texts kSteps = {"shipping",
                      "receiving",
                      "urn:epcglobal:cbv:bizstep:shipping",
                      "https://ref.gs1.org/cbv/BizStep-receiving",
                      "farm:drying",
                      "https://ns.farm.example/epcis/drying"};
const Texts kPlaces = {"urn:epc:id:sgln:0614141.07346.0", "https://f.example/414/0614141073467",
                       "geo:1,2"};
const Texts kUnitCodes = {"CEL", "KEL", "FAH", "KGM", "GRM", "ZZ"};
const Texts kScalars = {R"("x")",
                        R"("5")",
                        "5",
                        "5.0",
                        "true",
                        R"("2026-03-04T10:00:00Z")",
                        R"("2026-03-04T11:00:00+01:00")",
                        "-0.0",
                        "0",
                        R"("0")"};
const Texts kFields = {"farm:a", "lab:b", "https://ns.farm.example/epcis/a", "other:c"};

Json random_fields(Random& random) {
  Json out = Json::object();
  for (std::size_t i = random.below(3); i > 0; --i) {
    Json value = Json::parse(random.of(kScalars));
    if (random.once_in(4)) value = Json::array({value, Json::parse(random.of(kScalars))});
    if (random.once_in(3)) value = Json{{random.of(kFields), value}};
    out[random.of(kFields)] = value;
  }
  return out;
}

Json random_event(Random& random) {
  Json event = event_with("{}");
  event.update(random_fields(random));
  for (const auto* list : {"epcList", "childEPCs", "inputEPCList", "outputEPCList"})
    if (random.once_in(3)) event[list] = Json::array({random.of(kItems), random.of(kItems)});
  if (random.once_in(4)) event["parentID"] = random.of(kItems);
  for (const auto* list : {"quantityList", "inputQuantityList"})
    if (random.once_in(3))
      event[list] = Json::array({{{"epcClass", random.of(kLots)},
                                  {"quantity", random.below(4)},
                                  {"uom", random.of(kUnitCodes)}}});
  if (random.once_in(2)) event["bizStep"] = random.of(kSteps);
  if (random.once_in(3)) {
    event["readPoint"] = random_fields(random);
    event["readPoint"]["id"] = random.of(kPlaces);
  }
  if (random.once_in(4)) event["ilmd"] = random_fields(random);
  if (random.once_in(4))
    event["sourceList"] = Json::array({{{"type", "location"}, {"source", random.of(kPlaces)}}});
  if (random.once_in(4)) event["errorDeclaration"] = {{"declarationTime", "2026-03-04T10:00:00Z"}};
  if (random.once_in(2)) {
    Json report = random_fields(random);
    report.update({{"type", "Temperature"},
                   {"value", random.below(4)},
                   {"maxValue", random.below(4)},
                   {"sDev", random.below(2)},
                   {"uom", random.of(kUnitCodes)}});
    if (random.once_in(2)) report["time"] = "2026-03-04T10:00:00Z";
    Json element = random_fields(random);
    element["sensorReport"] = Json::array({report});
    event["sensorElementList"] = Json::array({element});
  }
  return event;
}

std::pair<std::string, std::string> random_parameter(Random& random) {
  static const Texts kComparisons = {"EQ_", "GT_", "GE_", "LT_", "LE_"};
  static const Texts kAreas = {"",
                               "INNER_",
                               "ILMD_",
                               "INNER_ILMD_",
                               "SENSORELEMENT_",
                               "SENSORREPORT_",
                               "INNER_SENSORREPORT_"};
  const std::string comparison = random.of(kComparisons);
  const std::string number = std::to_string(random.below(4));
  const auto scalar = [&] { return FieldValue::of(Json::parse(random.of(kScalars)))->text; };
  switch (random.below(10)) {
    case 0:
      return {random.of(Texts{"MATCH_epc", "MATCH_anyEPC", "MATCH_inputEPC", "MATCH_parentID"}),
              random.of(kItems) + "|" + random.of(kItemPatterns)};
    case 1:
      return {random.of(Texts{"MATCH_epcClass", "MATCH_anyEPCClass"}),
              random.once_in(3) ? "urn:epc:idpat:sgtin:0614141.*.*" : random.of(kLots)};
    case 2: return {"EQ_bizStep", random.of(kSteps)};
    case 3: return {random.of(Texts{"EQ_readPoint", "EQ_source_location"}), random.of(kPlaces)};
    case 4:
      return {comparison + "quantity" + (random.once_in(2) ? "" : "_" + random.of(kUnitCodes)),
              number};
    case 5:
      return {comparison + random.of(Texts{"value_", "maxValue_", "sDev_"}) + random.of(kUnitCodes),
              number};
    case 6:
      return {random.of(Texts{"EXISTS_errorDeclaration", "EXISTS_sensorElementList"}), "true"};
    case 7:
      return {random.of(Texts{"GE_time", "GE_errorDeclarationTime", "GE_eventTime"}),
              "2026-01-01T00:00:00Z"};
    case 8: return {"EXISTS_" + random.of(kAreas) + random.of(kFields), "true"};
    default: break;
  }
  if (random.once_in(2))
    return {"EQ_" + random.of(kAreas) + random.of(kFields), scalar() + "|" + scalar()};
  return {comparison + random.of(kAreas) + random.of(kFields), number};
}

TEST(Terms, NeverLoseAnEventThatMatches) {
  Random random(20260304);
  std::vector<EventFacts> events;
  std::vector<std::vector<Term>> terms;
  for (int i = 0; i < 400; ++i) {
    events.push_back(facts_from(random_event(random)));
    terms.push_back(terms_of(events.back()));
  }
  std::size_t found = 0;
  std::size_t looked_at = 0;
  std::size_t asked = 0;
  for (int i = 0; i < 1500; ++i) {
    Asked parameters{random_parameter(random)};
    if (random.once_in(2)) {
      auto more = random_parameter(random);
      if (more.first != parameters[0].first) parameters.push_back(std::move(more));
    }
    const auto query = must(parse_query(parameters));
    const auto needed = needed_terms(query);
    for (std::size_t e = 0; e < events.size(); ++e) {
      const bool candidate = std::ranges::all_of(needed, [&](const auto& any_of) {
        return std::ranges::any_of(any_of, [&](Term term) { return has(terms[e], term); });
      });
      const bool match = matches(query, events[e]);
      ASSERT_TRUE(candidate || !match) << parameters[0].first << "=" << parameters[0].second;
      found += match;
      looked_at += candidate;
      ++asked;
    }
  }
  EXPECT_GT(found, 10'000u) << "the queries must find something for this to mean anything";
  EXPECT_LT(looked_at, asked / 2) << "terms that narrow nothing are of no use";
  RecordProperty("found", static_cast<int>(found));
  RecordProperty("looked_at", static_cast<int>(looked_at));
}

// What a query says in JSON, typed, narrows as well.
TEST(Terms, NeverLoseWhatATypedValueFinds) {
  const auto event =
      facts_from(event_with(R"({"farm:a": ["5", 7, "2026-03-04T10:00:00Z", true, "0", -0.0]})"));
  const auto terms = terms_of(event);
  for (const auto* value : {"5", "7", R"(["5"])", R"("2026-03-04T11:00:00+01:00")", R"(["true"])",
                            "true", "0", "-0.0", R"(["7"])"}) {
    const auto query = must(parse_query(Json{{"EQ_farm:a", Json::parse(value)}}));
    EXPECT_TRUE(matches(query, event)) << value;
    EXPECT_TRUE(std::ranges::any_of(needed_terms(query).at(0), [&](Term term) {
      return has(terms, term);
    })) << value;
  }
}

}  // namespace
}  // namespace lotmark::epcis

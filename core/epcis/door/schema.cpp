// valijson is here and nowhere else. Three words of a schema are not left to it: `format`, of which it knows dates alone
// (with days that no calendar has, and refusing what is no text); `uniqueItems`, for which it compares every pair;
// `propertyNames`, of which it does not say which name. `enum` and `required` are ours for their speed and their words.
// tests/unit/epcis_door/valijson_test.cpp has what valijson 1.0 does with each.
#define VALIJSON_USE_EXCEPTIONS 1
#include "core/epcis/door/schema.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/constraint_builder.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "core/base/assert.h"
#include "core/epcis/door/forms.h"
#include "core/epcis/door/json_text.h"
#include "core/epcis/door/schema_text.h"

namespace lotmark::epcis {

namespace {

using valijson::adapters::Adapter;
using valijson::adapters::NlohmannJsonAdapter;
using Place = std::vector<std::string>;  // "<root>", then "[name]" or "[index]"
using Results = valijson::ValidationResults;

constexpr std::array<std::string_view, 5> kEventTypes = {"ObjectEvent", "AggregationEvent",
                                                         "TransactionEvent", "TransformationEvent",
                                                         "AssociationEvent"};

// A sentence of ours among valijson's begins so: it is told as it stands.
constexpr char kOurs = '\1';

void report(Results* results, const Place& place, const std::string& sentence) {
  if (results) results->pushError(place, kOurs + sentence);
}
// True, or false with a finding at `place`, where the schema's description says what may be.
bool judged(bool right, const Place& place, Results* results) {
  if (!right && results) results->pushError(place, "not as described");
  return right;
}

// What valijson asks of a constraint of ours beside its verdict.
template <class T>
class Check : public valijson::constraints::PolyConstraint {
 private:
  Constraint* cloneInto(void* at) const override {
    return new (at) T(static_cast<const T&>(*this));
  }
  std::size_t sizeOf() const override { return sizeof(T); }
};

class FormatCheck final : public Check<FormatCheck> {
 public:
  explicit FormatCheck(const Json& name) {
    const auto form = form_named(name.get<std::string>());
    LM_ASSERT(form);
    form_ = *form;
  }
  bool validate(const Adapter& value, const Place& place, Results* results) const override {
    if (!value.isString()) return true;  // `type` says what else it must be
    return judged(has_form(form_, value.asString()), place, results);
  }

 private:
  Form form_ = Form::kUri;
};

// One of the words, all of which are texts.
class WordCheck final : public Check<WordCheck> {
 public:
  explicit WordCheck(const Json& words) : words_(words.get<std::vector<std::string>>()) {
    std::ranges::sort(words_);
  }
  bool has(const std::string& word) const { return std::ranges::binary_search(words_, word); }
  bool validate(const Adapter& value, const Place& place, Results* results) const override {
    return judged(value.isString() && has(value.asString()), place, results);
  }

 private:
  std::vector<std::string> words_;
};

// Of texts; other elements are what `items` is for.
class UniqueCheck final : public Check<UniqueCheck> {
 public:
  explicit UniqueCheck(const Json& on) { LM_ASSERT(on == true); }
  bool validate(const Adapter& value, const Place& place, Results* results) const override {
    if (!value.isArray()) return true;
    std::set<std::string> seen;
    return value.applyToArray([&](const Adapter& element) {
      if (!element.isString()) return true;
      const auto text = element.asString();
      if (seen.insert(text).second) return true;
      report(results, place, shown(text) + " stands twice in the list");
      return false;
    });
  }
};

class RequiredCheck final : public Check<RequiredCheck> {
 public:
  explicit RequiredCheck(const Json& names) : names_(names.get<std::vector<std::string>>()) {}
  bool validate(const Adapter& value, const Place& place, Results* results) const override {
    if (!value.isObject()) return true;
    std::vector<bool> there(names_.size());
    value.applyToObject([&](const std::string& name, const Adapter&) {
      const auto at = std::ranges::find(names_, name) - names_.begin();
      if (static_cast<std::size_t>(at) < there.size()) there[static_cast<std::size_t>(at)] = true;
      return true;
    });
    const auto missing = std::ranges::find(there, false);
    if (missing == there.end()) return true;
    const auto& name = names_[static_cast<std::size_t>(missing - there.begin())];
    report(results, place, name + " is missing");
    return false;
  }

 private:
  std::vector<std::string> names_;
};

// {"enum": [..]}, the reference to `extension`, or anyOf these two: no other form is in our schema.
class NamesCheck final : public Check<NamesCheck> {
 public:
  explicit NamesCheck(const Json& rule) : words_(Json::array()) {
    const Json alone = Json::array({rule});
    for (const auto& part : rule.contains("anyOf") ? rule["anyOf"] : alone) {
      if (part.contains("enum")) words_ = WordCheck(part["enum"]);
      else extended_ = part.at("$ref") == "#/$defs/extension";
    }
  }
  bool validate(const Adapter& value, const Place& place, Results* results) const override {
    if (!value.isObject()) return true;
    return value.applyToObject([&](const std::string& name, const Adapter&) {
      if (words_.has(name) || (extended_ && is_uri(name))) return true;
      Place at = place;
      at.push_back('[' + name + ']');
      report(results, at,
             shown(name) + (extended_
                                ? " is neither a property of the standard here nor a name with its "
                                  "namespace, such as example:colour"
                                : " is no property of the standard here"));
      return false;
    });
  }

 private:
  WordCheck words_;
  bool extended_ = false;
};

// `Adapter` has no way to its JSON; our schemas are parsed from nlohmann's, so the keyword is rebuilt from it.
Json json_of(const Adapter& value) {
  if (value.isString()) return value.asString();
  if (value.isBool()) return value.asBool();
  Json out;
  if (value.isArray()) {
    out = Json::array();
    value.applyToArray([&](const Adapter& element) {
      out.push_back(json_of(element));
      return true;
    });
  } else if (value.isObject()) {
    out = Json::object();
    value.applyToObject([&](const std::string& name, const Adapter& member) {
      out[name] = json_of(member);
      return true;
    });
  }
  return out;
}

template <class T>
class KeywordBuilder final : public valijson::ConstraintBuilder {
 public:
  valijson::constraints::Constraint* make(const Adapter& value) const override {
    return new T(json_of(value));
  }
};

// A schema made ready, with the sentence its breach is told by; without one, valijson's findings are looked into.
struct Part {
  std::string sentence;
  valijson::Schema schema;
};
using Parts = std::vector<std::unique_ptr<Part>>;

class Library {
 public:
  static const Library& get() {
    static const Library library;
    return library;
  }
  const Parts& parts_of(std::string_view type) const {
    const auto found = types_.find(type);
    LM_ASSERT(found != types_.end());
    return found->second;
  }

 private:
  Library() : defs_(with_our_words(schema_definitions())) {
    for (const auto type : kEventTypes) add(type);
    for (const auto type : {"ExtensionEvent", "EPCISDocument", "EPCISQueryDocument"}) add(type);
  }
  void add(std::string_view type);
  std::unique_ptr<Part> parse(Json schema, std::string sentence) const;

  Json defs_;
  std::map<std::string, Parts, std::less<>> types_;
};

void Library::add(std::string_view type) {
  Json shape = defs_[type];
  Json rules = Json::array();
  if (shape.contains("allOf")) rules = std::move(shape["allOf"]);
  shape.erase("allOf");
  Parts& parts = types_[std::string(type)];
  parts.push_back(parse(std::move(shape), ""));
  for (auto& rule : rules) {
    auto sentence = rule["description"].get<std::string>();
    parts.push_back(parse(std::move(rule), std::move(sentence)));
  }
}

std::unique_ptr<Part> Library::parse(Json schema, std::string sentence) const {
  schema["$defs"] = defs_;
  auto part = std::make_unique<Part>();
  part->sentence = std::move(sentence);
  valijson::SchemaParser parser;
  parser.addConstraintBuilder("lotmark:format", new KeywordBuilder<FormatCheck>);
  parser.addConstraintBuilder("lotmark:enum", new KeywordBuilder<WordCheck>);
  parser.addConstraintBuilder("lotmark:uniqueItems", new KeywordBuilder<UniqueCheck>);
  parser.addConstraintBuilder("lotmark:required", new KeywordBuilder<RequiredCheck>);
  parser.addConstraintBuilder("lotmark:propertyNames", new KeywordBuilder<NamesCheck>);
  parser.populateSchema(NlohmannJsonAdapter(schema), part->schema);
  return part;
}

bool passes(const Part& part, const Json& value, Results* results) {
  return valijson::Validator().validate(part.schema, NlohmannJsonAdapter(value), results);
}

// Names and indexes without their brackets.
std::vector<std::string> steps_of(const Place& place) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < place.size(); ++i)
    out.push_back(place[i].substr(1, place[i].size() - 2));
  return out;
}

// Of all findings the deepest is nearest to the cause; of those the first, and one in our words before others.
SchemaFault explained(std::string_view type, const Part& part, const Json& value) {
  if (!part.sentence.empty()) return {"", part.sentence};
  Results results;
  passes(part, value, &results);
  std::optional<Results::Error> best;
  const auto rank = [](const Results::Error& e) {
    return std::pair(e.context.size(), e.description.starts_with(kOurs));
  };
  for (Results::Error error; results.popError(error);) {
    if (!best || rank(error) > rank(*best)) best = error;
  }
  if (!best) return {"", "not valid"};
  const auto steps = steps_of(best->context);
  std::string path;
  for (const auto& step : steps) path += '/' + pointer_token(step);
  if (best->description.starts_with(kOurs)) return {path, best->description.substr(1)};
  const auto expected = expected_at(type, steps);
  if (expected.empty()) return {path, best->description};
  return {path, shown_at(value, steps) + " is not " + expected};
}

std::optional<SchemaFault> check(std::string_view type, const Json& value, Explain explain) {
  try {
    for (const auto& part : Library::get().parts_of(type)) {
      if (passes(*part, value, nullptr)) continue;
      return explain == Explain::kYes ? explained(type, *part, value)
                                      : SchemaFault{"", "not a valid " + std::string(type)};
    }
    return std::nullopt;
  } catch (const std::exception& e) {
    return SchemaFault{"", std::string("could not be checked: ") + e.what()};
  }
}

}  // namespace

std::optional<SchemaFault> check_event(const Json& value, Explain explain) {
  if (!value.is_object()) return SchemaFault{"", "an event is an object"};
  const auto type = value.find("type");
  if (type == value.end()) return SchemaFault{"", "type is missing"};
  if (!type->is_string()) return SchemaFault{"/type", "a type is a text"};
  const auto& name = type->get_ref<const std::string&>();
  if (std::ranges::find(kEventTypes, name) != kEventTypes.end()) return check(name, value, explain);
  if (is_uri(name)) return check("ExtensionEvent", value, explain);
  return SchemaFault{"/type",
                     shown(name) +
                         " is not ObjectEvent, AggregationEvent, TransactionEvent, "
                         "TransformationEvent, AssociationEvent or the URI of an extension"};
}

std::optional<SchemaFault> check_document(const Json& value) {
  const auto type = value.is_object() ? value.find("type") : value.end();
  if (type != value.end() && (*type == "EPCISDocument" || *type == "EPCISQueryDocument"))
    return check(type->get_ref<const std::string&>(), value, Explain::kYes);
  return SchemaFault{"", "not an EPCISDocument or EPCISQueryDocument"};
}

}  // namespace lotmark::epcis

#include "core/epcis/xml/fields.h"

#include <algorithm>

#include "core/epcis/xml/extension.h"

namespace lotmark::epcis::xml {

namespace {

Result<Json> read_text(Walk& walk, const Part& part) {
  LM_ASSIGN(auto text, walk.text(part));
  return Json(std::move(text));
}

template <Vocabulary kVocabulary>
Result<Json> read_word(Walk& walk, const Part& part) {
  LM_ASSIGN(const auto text, walk.text(part));
  return Json(bare_word(kVocabulary, text));
}

// A list of <item>, each made by `read`.
Result<Json> read_list(Walk& walk, const Part& part, std::string_view item, ReadField read) {
  Json out = Json::array();
  LM_TRY(walk.no_attributes(part));
  LM_TRY(walk.parts(part, [&](const Part& child) -> Status {
    if (!child.is(item)) return walk.unknown(child, part);
    LM_ASSIGN(auto value, read(walk, child));
    out.push_back(std::move(value));
    return {};
  }));
  return out;
}

Result<Json> read_epcs(Walk& walk, const Part& part) {
  return read_list(walk, part, "epc", read_text);
}

Result<Json> read_quantity(Walk& walk, const Part& part) {
  Json out = Json::object();
  LM_TRY(walk.no_attributes(part));
  LM_TRY(walk.parts(part, [&](const Part& child) -> Status {
    LM_ASSIGN(const bool known, put_quantity(walk, child, out));
    if (!known) return walk.unknown(child, part);
    return {};
  }));
  return out;
}

Result<Json> read_quantities(Walk& walk, const Part& part) {
  return read_list(walk, part, "quantityElement", read_quantity);
}

// <source type="...">id</source> and its kind: the element's name is the property's.
template <Vocabulary kVocabulary>
Result<Json> read_typed(Walk& walk, const Part& part) {
  Json out = Json::object();
  LM_TRY(walk.attributes(part, [&](const Name& name, std::string_view value) -> Status {
    if (!name.space.empty() || name.local != "type")
      return walk.fault(part, "EPCIS 2.0 has no place there for an attribute but type");
    out["type"] = bare_word(kVocabulary, trimmed(value));
    return {};
  }));
  LM_TRY(walk.children(part, [&](const Part& child) { return Status(walk.unknown(child, part)); }));
  out[std::string(part.name.local)] = trimmed(text_of(part.node));
  return out;
}

Result<Json> read_transactions(Walk& walk, const Part& part) {
  return read_list(walk, part, "bizTransaction", read_typed<Vocabulary::kTransaction>);
}
Result<Json> read_sources(Walk& walk, const Part& part) {
  return read_list(walk, part, "source", read_typed<Vocabulary::kParty>);
}
Result<Json> read_destinations(Walk& walk, const Part& part) {
  return read_list(walk, part, "destination", read_typed<Vocabulary::kParty>);
}
Result<Json> read_corrective_ids(Walk& walk, const Part& part) {
  return read_list(walk, part, "correctiveEventID", read_text);
}

struct Field {
  std::string_view name;
  ReadField read;
};

// An element with fields of its own and a place for extensions: `fields` are its, the rest is an extension.
Status put_fields(Walk& walk, const Part& part, std::initializer_list<Field> fields,
                  bool in_extension, Json& into) {
  LM_TRY(put_attributes(walk, part, into));
  return walk.parts(part, [&](const Part& child) -> Status {
    if (!child.is_standard()) return put_foreign(walk, child, into);
    if (child.name.local == "extension") return put_fields(walk, child, fields, true, into);
    const auto field = std::ranges::find(fields, child.name.local, &Field::name);
    if (field == fields.end()) {
      if (in_extension) return put_future(walk, child, into);
      return walk.unknown(child, part);
    }
    Json& value = into[std::string(field->name)];
    if (!value.is_null()) return walk.fault(child, "there are two of it");
    LM_ASSIGN(value, field->read(walk, child));
    return {};
  });
}

Result<Json> read_place(Walk& walk, const Part& part) {
  Json out = Json::object();
  LM_TRY(put_fields(walk, part, {{"id", read_text}}, false, out));
  return out;
}

Result<Json> read_ilmd(Walk& walk, const Part& part) {
  Json out = Json::object();
  LM_TRY(put_fields(walk, part, {}, false, out));
  return out;
}

Result<Json> read_error(Walk& walk, const Part& part) {
  Json out = Json::object();
  LM_TRY(put_fields(walk, part,
                    {{"declarationTime", read_text},
                     {"reason", read_word<Vocabulary::kErrorReason>},
                     {"correctiveEventIDs", read_corrective_ids}},
                    false, out));
  return out;
}

Result<Json> read_persistent(Walk& walk, const Part& part) {
  Json out = Json::object();
  LM_TRY(walk.no_attributes(part));
  LM_TRY(walk.parts(part, [&](const Part& child) -> Status {
    if (!child.is("set") && !child.is("unset")) return walk.unknown(child, part);
    LM_ASSIGN(auto word, read_word<Vocabulary::kDisposition>(walk, child));
    out[std::string(child.name.local)].push_back(std::move(word));
    return {};
  }));
  return out;
}

constexpr Field kEventFields[] = {
    {"eventTime", read_text},
    {"eventTimeZoneOffset", read_text},
    {"eventID", read_text},
    {"errorDeclaration", read_error},
    {"certificationInfo", read_text},
    {"action", read_text},
    {"parentID", read_text},
    {"transformationID", read_text},
    {"epcList", read_epcs},
    {"childEPCs", read_epcs},
    {"inputEPCList", read_epcs},
    {"outputEPCList", read_epcs},
    {"quantityList", read_quantities},
    {"childQuantityList", read_quantities},
    {"inputQuantityList", read_quantities},
    {"outputQuantityList", read_quantities},
    {"bizStep", read_word<Vocabulary::kBizStep>},
    {"disposition", read_word<Vocabulary::kDisposition>},
    {"persistentDisposition", read_persistent},
    {"readPoint", read_place},
    {"bizLocation", read_place},
    {"bizTransactionList", read_transactions},
    {"sourceList", read_sources},
    {"destinationList", read_destinations},
    {"sensorElementList", read_sensors},
    {"ilmd", read_ilmd},
};

}  // namespace

ReadField event_field(std::string_view name) {
  const auto field = std::ranges::find(kEventFields, name, &Field::name);
  return field == std::end(kEventFields) ? nullptr : field->read;
}

Result<bool> put_quantity(Walk& walk, const Part& part, Json& into) {
  const bool counted = part.is("quantity");
  if (!counted && !part.is("epcClass") && !part.is("uom")) return false;
  const std::string name(part.name.local);
  if (into.contains(name)) return walk.fault(part, "there are two of it");
  LM_ASSIGN(const auto text, walk.text(part));
  if (!counted) {
    into[name] = text;
  } else if (!is_nil(part.node)) {
    const auto quantity = number(text, false);
    if (!quantity) return walk.fault(part, "it is no decimal number");
    into[name] = *quantity;
  }
  return true;
}

}  // namespace lotmark::epcis::xml

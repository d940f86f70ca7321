// Takes facts out of an event's JSON, property by property. The first property that is not of its type, or one fact too
// many, is kept as the error and ends all reading; one asks once at the end.
#pragma once

#include <optional>

#include "core/epcis/query/facts.h"

namespace lotmark::epcis {

class FactsReader {
 public:
  // Both must outlive the reader.
  FactsReader(const Json& event, const Context& context) : event_(event), context_(context) {}

  // A text or a list of texts in `of`, if it is there; null is as absent.
  void text(const Json& of, const char* name, TextFact fact);
  void time(const Json& of, const char* name, TimeFact fact);
  // An object in `of`; nullptr if it is not there.
  const Json* object(const Json& of, const char* name);

  void identities(const char* name, IdentityList list);
  // Quantity elements: their classes, and numbers with units.
  void quantities(const char* name, IdentityList list);
  void partners(const char* name, const char* value_name, PartnerList list);
  void sensors();
  // Extension fields directly in `of`, and as inner ones those within them.
  void fields(const Json& of, FieldArea area);

  EventFacts& facts() { return facts_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  // nullptr if it is not there or there was an error already.
  const Json* find(const Json& of, const char* name) const;
  const Json* list(const Json& of, const char* name);
  std::optional<double> number(const Json& of, const char* name);
  void wrong(const char* name, const char* what);
  bool one_more();
  void sensor_metadata(const Json& metadata);
  void sensor_report(const Json& report);
  void inner_fields(const Json& value, FieldArea area, std::size_t depth);
  void field(const std::string& name, const Json& value, FieldArea area, bool inner,
             std::size_t depth);
  void values_of(const Json& value, std::vector<FieldValue>& values, std::size_t depth);

  const Json& event_;
  const Context& context_;
  EventFacts facts_;
  std::optional<Error> error_;
  std::size_t count_ = 0;
};

}  // namespace lotmark::epcis

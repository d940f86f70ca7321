// Documents for tests, made of the part that matters.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "core/epcis/xml/read.h"

namespace lotmark::epcis::test {

// A whole document around what stands in its <EventList>. `attributes` are the root's further ones.
inline std::string document(std::string_view events, std::string_view attributes = {}) {
  return "<epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:1\" schemaVersion=\"1.2\" "
         "creationDate=\"2026-03-01T00:00:00Z\" " +
         std::string(attributes) + "><EPCISBody><EventList>" + std::string(events) +
         "</EventList></EPCISBody></epcis:EPCISDocument>";
}

// An ObjectEvent that has no more than `inner`.
inline std::string object_event(std::string_view inner) {
  return "<ObjectEvent>" + std::string(inner) + "</ObjectEvent>";
}

// The JSON of a document in which no event is at fault, else the first fault.
inline Result<Json> read_whole(std::string_view whole, const XmlLimits& limits = {}) {
  LM_ASSIGN(auto read, read_xml(whole, limits));
  if (!read.faults.empty()) return fail(Errc::kUsage, read.faults.front().detail);
  return std::move(read.json);
}

// The one event that comes of `inner` in an ObjectEvent, without its type; null, and a failed test, if it is refused.
inline Json event_of(std::string_view inner, std::string_view attributes = {}) {
  const auto read = read_whole(document(object_event(inner), attributes));
  if (!read) {
    ADD_FAILURE() << read.error().message() << "\n" << inner;
    return nullptr;
  }
  Json event = read->at("epcisBody").at("eventList").at(0);
  event.erase("type");
  return event;
}

// What a refusal of the document says; empty if it is not refused.
inline std::string refusal(std::string_view whole, const XmlLimits& limits = {}) {
  const auto read = read_whole(whole, limits);
  return read ? std::string() : read.error().message();
}

// The same of an ObjectEvent that has no more than `inner`.
inline std::string event_refusal(std::string_view inner, std::string_view attributes = {}) {
  return refusal(document(object_event(inner), attributes));
}

inline std::string file(const std::string& name) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/unit/epcis_xml/cases/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace lotmark::epcis::test

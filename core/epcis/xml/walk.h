// A parsed document, and the going through it: each element with its name, errors with their line.
#pragma once

#include <functional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "core/epcis/xml/names.h"
#include "core/epcis/xml/read.h"

namespace lotmark::epcis::xml {

// An element on the way through.
struct Part {
  pugi::xml_node node;
  Name name;

  // Whether it may be one of the standard's own: those have no namespace, and where a document makes EPCIS's the
  // default they are read all the same.
  bool is_standard() const { return name.space.empty() || is_epcis(name.space); }
  bool is(std::string_view local) const { return is_standard() && name.local == local; }
};

class Walk {
 public:
  // `text` is what was parsed; both outlive this.
  Walk(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  using PartTo = std::function<Status(const Part&)>;
  using AttributeTo = std::function<Status(const Name&, std::string_view value)>;

  // The one element of the document.
  Status root(const pugi::xml_document& document, const PartTo& to);
  // Of each element inside of `part`, in order. It is within its declarations while `to` runs.
  Status children(const Part& part, const PartTo& to);
  // The same for an element that holds elements only: usage if there is text.
  Status parts(const Part& part, const PartTo& to);
  // Of each attribute, but declarations of namespaces and what XML Schema adds (xsi:type, xsi:nil, ...).
  Status attributes(const Part& part, const AttributeTo& to);

  // What an element of the standard that holds just text says, without white space around it. usage if elements or
  // attributes are in it.
  Result<std::string> text(const Part& part);
  // usage if it has attributes: for elements that have no place for any.
  Status no_attributes(const Part& part);

  // "XML line 7: <bizStep>: WHAT"
  Error fault(const Part& part, const std::string& what, Errc code = Errc::kUsage);
  Error unknown(const Part& part, const Part& inside);
  // The element of the newest fault. The walk can go on behind an element that was at fault.
  const pugi::xml_node& at_fault() const { return at_fault_; }

  Names& names() { return names_; }
  const XmlLimits& limits() const { return limits_; }

 private:
  Status step(const pugi::xml_node& node, const PartTo& to);
  Status inside(Part& part, const PartTo& to);
  std::size_t line_at(std::size_t offset);

  std::string_view text_;
  const XmlLimits& limits_;
  Names names_;
  std::size_t depth_ = 0;
  pugi::xml_node at_fault_;
  // Faults come in the document's order: however many there are, its lines are counted once.
  std::size_t counted_ = 0;  // bytes
  std::size_t line_ = 1;     // of the byte behind them
};

// All text inside of the element itself, as it stands.
std::string text_of(const pugi::xml_node& element);
// Without white space at both ends.
std::string_view trimmed(std::string_view text);
// Whether xsi:nil says that the element has no value.
bool is_nil(const pugi::xml_node& element);

}  // namespace lotmark::epcis::xml

#include "core/epcis/xml/walk.h"

#include "core/epcis/xml/scan.h"

namespace lotmark::epcis::xml {

namespace {

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

bool is_declaration(std::string_view attribute) {
  return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

}  // namespace

std::size_t Walk::line_at(std::size_t offset) {
  if (offset < counted_) {
    counted_ = 0;
    line_ = 1;
  }
  line_ += line_of(text_.substr(counted_), offset - counted_) - 1;
  counted_ = offset;
  return line_;
}

Error Walk::fault(const Part& part, const std::string& what, Errc code) {
  at_fault_ = part.node;
  const auto offset = part.node.offset_debug();
  const auto line =
      offset < 0 ? std::string("?") : std::to_string(line_at(static_cast<std::size_t>(offset)));
  const std::string_view name = part.node.name();
  return fail(code, "XML line " + line + ": <" + shown(name) + ">: " + what);
}

Error Walk::unknown(const Part& part, const Part& inside) {
  const std::string_view name = inside.node.name();
  return fault(part, "EPCIS has no such element in <" + shown(name) + ">");
}

Status Walk::step(const pugi::xml_node& node, const PartTo& to) {
  Part part{node, {}};
  if (depth_ == limits_.depth) return fault(part, "nested too deep", Errc::kTooLarge);
  if (auto entered = names_.enter(node); !entered) return fault(part, entered.error().text);
  ++depth_;
  auto done = inside(part, to);
  --depth_;
  names_.leave(node);
  return done;
}

Status Walk::inside(Part& part, const PartTo& to) {
  auto name = names_.of_element(part.node.name());
  if (!name) return fault(part, name.error().text);
  part.name = *name;
  return to(part);
}

Status Walk::root(const pugi::xml_document& document, const PartTo& to) {
  return step(document.document_element(), to);
}

Status Walk::children(const Part& part, const PartTo& to) {
  for (const auto& child : part.node.children()) {
    if (child.type() == pugi::node_element) LM_TRY(step(child, to));
  }
  return {};
}

Status Walk::parts(const Part& part, const PartTo& to) {
  for (const auto& child : part.node.children()) {
    const bool text = child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata;
    if (text && !is_blank(child.value()))
      return fault(part, "there is text, EPCIS has elements there");
  }
  return children(part, to);
}

Status Walk::attributes(const Part& part, const AttributeTo& to) {
  for (const auto& attribute : part.node.attributes()) {
    if (is_declaration(attribute.name())) continue;
    const auto name = names_.of_attribute(attribute.name());
    if (!name) return fault(part, name.error().text);
    if (name->space != kSchemaInstance) LM_TRY(to(*name, attribute.value()));
  }
  return {};
}

Status Walk::no_attributes(const Part& part) {
  return attributes(part, [&](const Name& name, std::string_view) -> Status {
    return fault(part, "EPCIS 2.0 has no place for the attribute " + shown(name.local));
  });
}

Result<std::string> Walk::text(const Part& part) {
  LM_TRY(no_attributes(part));
  LM_TRY(children(part, [&](const Part& child) -> Status { return unknown(child, part); }));
  return std::string(trimmed(text_of(part.node)));
}

std::string text_of(const pugi::xml_node& element) {
  std::string out;
  for (const auto& child : element.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_nil(const pugi::xml_node& element) {
  for (const auto& attribute : element.attributes()) {
    const std::string_view value = attribute.value();
    if (std::string_view(attribute.name()).ends_with(":nil") && (value == "true" || value == "1"))
      return true;
  }
  return false;
}

}  // namespace lotmark::epcis::xml

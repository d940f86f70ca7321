// How an event becomes the string that is hashed. Children are written first, then sorted by their bytes, then joined
// behind their parent's name, without separators.
#include <algorithm>
#include <vector>

#include "core/base/utf8.h"
#include "core/epcis/hash/event_fields.h"
#include "core/epcis/hash/event_hash.h"
#include "core/epcis/hash/event_time.h"
#include "core/epcis/hash/event_value.h"

namespace lotmark::epcis {

namespace {

using Strings = std::vector<std::string>;

// A name of the event's for an error's text: short, and whole characters.
std::string shown(std::string_view name) {
  if (!is_utf8(name)) return "a name that is not UTF-8";
  std::size_t end = std::min<std::size_t>(name.size(), 80);
  while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
    --end;
  return std::string(name.substr(0, end));
}

Error wrong(std::string_view name, std::string_view why) {
  return fail(Errc::kUsage, "event: " + shown(name) + std::string(why));
}

std::string sorted_and_joined(Strings parts) {
  std::ranges::sort(parts);
  std::string out;
  for (const auto& part : parts) out += part;
  return out;
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::name);
  return at == fields.end() ? nullptr : &*at;
}

class PreHashWriter {
 public:
  explicit PreHashWriter(const Context& context) : context_(context) {}

  Result<std::string> event(const Json& event);

 private:
  // Each writes what it made to `out`: nothing where there is nothing to say.
  Status field(const Field& field, const Json& value, int depth, Strings& out);
  Status items(const Field& field, std::string_view name, const Json& list, int depth,
               Strings& out);
  Status item(const Field& field, std::string_view name, const Json& value, int depth,
              Strings& out);
  Status extension(std::string_view key, const Json& value, int depth, Strings& out);
  Result<std::string> extension_text(std::string_view key, const Json& value) const;

  Result<std::string> in_order(std::span<const Field> fields, const Json& object, int depth);
  Result<std::string> body(std::span<const Field> fields, const Json& object, int depth);
  Result<std::string> text_of(const Field& field, const Json& value);

  std::optional<std::string> extension_name(std::string_view key) const;
  Status add(std::string_view name, std::string text, Strings& out);

  const Context& context_;
  std::size_t bytes_ = 0;  // of names and values so far
};

// Names and single values come through here, so that what is joined from them is bounded.
Status PreHashWriter::add(std::string_view name, std::string text, Strings& out) {
  bytes_ += name.size() + text.size();
  if (bytes_ > kPreHashMax) return fail(Errc::kTooLarge, "event: over 16 MiB before hashing");
  out.push_back(std::string(name).append(text));
  return {};
}

Result<std::string> PreHashWriter::event(const Json& event) {
  if (!event.is_object()) return fail(Errc::kUsage, "event: it is no object");
  const auto type = event.find("type");
  if (type == event.end() || !type->is_string() ||
      trimmed(type->get_ref<const std::string&>()).empty()) {
    return wrong("type", " is missing or no text");
  }
  std::string out = "eventType=" + canonical_text(type->get_ref<const std::string&>(), context_);
  LM_ASSIGN(const std::string regular, in_order(event_fields(), event, 1));
  Strings end;
  for (const auto& [key, value] : event.items()) {
    if (left_out_of_hash(key) || find_field(event_fields(), key)) continue;
    const Field* known = find_field(event_end_fields(), key);
    LM_TRY(known ? field(*known, value, 2, end) : extension(key, value, 2, end));
  }
  out += regular + sorted_and_joined(std::move(end));
  if (!is_utf8(out)) return fail(Errc::kUsage, "event: it is not UTF-8");
  return out;
}

Result<std::string> PreHashWriter::in_order(std::span<const Field> fields, const Json& object,
                                            int depth) {
  std::string out;
  for (const Field& known : fields) {
    const auto value = object.find(known.name);
    if (value == object.end()) continue;
    Strings parts;
    LM_TRY(field(known, *value, depth + 1, parts));
    out += sorted_and_joined(std::move(parts));
  }
  return out;
}

// The fields of an object, then its extensions.
Result<std::string> PreHashWriter::body(std::span<const Field> fields, const Json& object,
                                        int depth) {
  LM_ASSIGN(std::string out, in_order(fields, object, depth));
  Strings rest;
  for (const auto& [key, value] : object.items()) {
    if (find_field(fields, key)) continue;
    LM_TRY(extension(key, value, depth + 1, rest));
  }
  return out + sorted_and_joined(std::move(rest));
}

Status PreHashWriter::field(const Field& field, const Json& value, int depth, Strings& out) {
  switch (field.count) {
    case Count::kOne: return item(field, field.name, value, depth, out);
    case Count::kSome:
      if (!value.is_array()) return item(field, field.name, value, depth, out);
      return items(field, field.name, value, depth, out);
    case Count::kRepeated: return items(field, field.name, value, depth, out);
    case Count::kList: break;
  }
  Strings list;
  LM_TRY(items(field, field.item, value, depth, list));
  if (list.empty()) return {};
  out.push_back(std::string(field.name) + sorted_and_joined(std::move(list)));
  return {};
}

Status PreHashWriter::items(const Field& field, std::string_view name, const Json& list, int depth,
                            Strings& out) {
  if (!list.is_array()) return wrong(field.name, " is no list");
  for (const auto& value : list) LM_TRY(item(field, name, value, depth + 1, out));
  return {};
}

Status PreHashWriter::item(const Field& field, std::string_view name, const Json& value, int depth,
                           Strings& out) {
  if (field.content != Content::kObject) {
    LM_ASSIGN(const std::string text, text_of(field, value));
    return text.empty() ? Status{} : add(name, "=" + text, out);
  }
  if (!value.is_object()) return wrong(field.name, " is no object");
  LM_ASSIGN(std::string inner, body(field.fields, value, depth));
  if (!inner.empty()) out.push_back(std::string(name) + inner);
  return {};
}

Result<std::string> PreHashWriter::text_of(const Field& field, const Json& value) {
  if (field.content == Content::kNumber) {
    auto number = number_text(value);
    return number ? Result<std::string>(*std::move(number)) : wrong(field.name, " is no number");
  }
  if (field.content == Content::kBoolean) {
    if (!value.is_boolean()) return wrong(field.name, " is neither true nor false");
    return std::string(value.get<bool>() ? "true" : "false");
  }
  if (!value.is_string()) return wrong(field.name, " is no text");
  const auto& text = value.get_ref<const std::string&>();
  if (field.content == Content::kWord) return canonical_word(text, field.space, context_);
  if (field.content == Content::kText) return canonical_text(text, context_);
  if (field.content == Content::kVerbatim) return std::string(trimmed(text));
  const auto ms = event_time_ms(trimmed(text));
  if (!ms) return wrong(field.name, " is no time with a zone within years 0000 to 9999");
  return event_time_text(*ms);
}

// "{namespace}local"; the key itself where no namespace is known for it; nothing for a comment.
std::optional<std::string> PreHashWriter::extension_name(std::string_view key) const {
  const auto name = context_.expand(key);
  if (!name) return std::string(key);
  if (name->space == "http://www.w3.org/2000/01/rdf-schema#" && name->local == "comment")
    return std::nullopt;
  return "{" + name->space + "}" + name->local;
}

// A user extension or what is inside one, each value of a list under the same name. "#text" is the text of an element
// that has attributes too.
Status PreHashWriter::extension(std::string_view key, const Json& value, int depth, Strings& out) {
  if (depth > kEventDepthMax) return wrong(key, " is more than 32 levels deep");
  if (key == "@context") return wrong(key, " is accepted in documents and events only");
  if (value.is_array()) {
    for (const auto& each : value) LM_TRY(extension(key, each, depth + 1, out));
    return {};
  }
  const auto name = extension_name(key);
  if (!name || value.is_null()) return {};
  if (!value.is_object()) {
    LM_ASSIGN(const std::string text, extension_text(key, value));
    return add(*name, text, out);
  }
  std::string own;
  Strings children;
  for (const auto& [inner_key, inner] : value.items()) {
    if (inner_key == "#text" && inner.is_primitive()) {
      LM_ASSIGN(own, extension_text(key, inner));
    } else {
      LM_TRY(extension(inner_key, inner, depth + 1, children));
    }
  }
  LM_TRY(add(*name, std::move(own), out));
  out.back() += sorted_and_joined(std::move(children));
  return {};
}

// "=value"; nothing for an empty one.
Result<std::string> PreHashWriter::extension_text(std::string_view key, const Json& value) const {
  std::string text;
  if (value.is_string()) {
    text = canonical_text(value.get_ref<const std::string&>(), context_);
  } else if (value.is_boolean()) {
    text = value.get<bool>() ? "true" : "false";
  } else if (value.is_number()) {
    const auto number = number_text(value);
    if (!number) return wrong(key, " is no finite number");
    text = *number;
  } else if (!value.is_null()) {
    return wrong(key, " is nothing that JSON has");
  }
  return text.empty() ? text : "=" + text;
}

}  // namespace

Result<std::string> pre_hash(const Json& event, const Context& context) {
  return PreHashWriter(context).event(event);
}

}  // namespace lotmark::epcis

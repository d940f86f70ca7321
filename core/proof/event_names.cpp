#include "core/proof/event_names.h"

#include <nlohmann/json.hpp>
#include <set>

#include "core/epcis/hash/event_hash.h"
#include "core/proof/event_proof.h"
#include "core/wire/limits.h"

namespace lotmark::proof {

namespace {

using epcis::Json;
using Prefixes = std::map<std::string, std::string, std::less<>>;

// Reads on while the text is JSON in which no object has a name twice. It makes no value: nlohmann's reader with a
// callback looks at all elements of an array again behind each of them.
class NamesOnce final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open_.emplace_back(), true; }
  bool key(string_t& name) override { return open_.back().insert(std::move(name)).second; }
  bool end_object() override { return open_.pop_back(), true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  std::vector<std::set<std::string>> open_;  // names of the objects around
};

// No object unless the text is JSON in which no object has a name twice: of two, one reader takes the first and another the
// last, and each would have a hash of its own.
Json parse_unambiguous(std::string_view text) {
  NamesOnce names;
  return Json::sax_parse(text, &names) ? Json::parse(text, nullptr, false) : Json();
}

// One event, hashed under several contexts.
class HashedEvent {
 public:
  static Result<HashedEvent> read(std::string_view body) {
    HashedEvent out;
    out.event_ = parse_unambiguous(body);
    if (!out.event_.is_object())
      return fail(Errc::kUsage, "the body is no JSON object, or has a name twice in one");
    return out;
  }

  // With GS1's context, these prefixes, and what the event itself brings on top.
  Result<Digest> hash(const Prefixes& prefixes) const {
    LM_ASSIGN(auto context, epcis::Context::read(Json(prefixes)));
    if (const auto own = event_.find("@context"); own != event_.end()) {
      LM_ASSIGN(context, context.with(*own));
    }
    return epcis::event_hash(event_, context);
  }
  // Whether the hash hangs on this one.
  bool needs(const Prefixes& prefixes, std::string_view prefix, const Digest& hash_of_all) const {
    Prefixes without = prefixes;
    without.erase(without.find(prefix));
    const auto other = hash(without);
    return !other || *other != hash_of_all;
  }

 private:
  Json event_;
};

Prefixes map_of(const std::vector<EventPrefix>& names) {
  Prefixes out;
  for (const auto& n : names)
    out.emplace(std::string(as_text(n.prefix)), std::string(as_text(n.space)));
  return out;
}

}  // namespace

Status check_names(std::string_view body, const std::vector<EventPrefix>& names,
                   const Digest& hash) {
  const auto event = HashedEvent::read(body);
  if (!event) return fail(Errc::kEventProof, event.error().text);
  const Prefixes prefixes = map_of(names);
  const auto found = event->hash(prefixes);
  if (!found) return fail(Errc::kEventProof, found.error().message());
  if (*found != hash) return fail(Errc::kEventProof, "the body has another canonical hash");
  for (const auto& [prefix, space] : prefixes) {
    if (!event->needs(prefixes, prefix, hash))
      return fail(Errc::kEventProof, "the hash does not hang on prefix " + prefix);
  }
  return {};
}

Result<std::vector<EventPrefix>> prefixes_used(std::string_view body, const Prefixes& defined) {
  LM_ASSIGN(const auto event, HashedEvent::read(body));
  LM_ASSIGN(const auto hash, event.hash(defined));
  std::vector<EventPrefix> out;
  for (const auto& [prefix, space] : defined) {
    if (!event.needs(defined, prefix, hash)) continue;
    if (prefix.empty() || prefix.size() > limits::kEventName || space.size() > limits::kEventName)
      return fail(Errc::kFieldRange, "prefix " + prefix.substr(0, 80) + " is too long for a proof");
    out.push_back({to_bytes(as_bytes(prefix)), to_bytes(as_bytes(space))});
  }
  return out;
}

}  // namespace lotmark::proof

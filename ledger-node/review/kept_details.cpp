#include "ledger-node/review/kept_details.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/sealed/cose_encrypt.h"
#include "core/wire/codec.h"

namespace lotmark::review {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kDetailsPart = 48 * 1024;
constexpr const char* kDetailsMedia = "application/json";

// What a report says too, of each finding.
constexpr const char* kInTheClear[] = {"code", "name", "text", "object", "more", "refuses"};

// Parts are numbered under their seals, and name their lot: none can be left out, change places or stand in another row.
std::string part_name(const DetailsOf& of, std::size_t i, std::size_t count) {
  return fmt::format("{} review of {} {}/{}", of.second ? "second" : "first", to_hex(of.start),
                     i + 1, count);
}

Result<Bytes> seal_part(std::string_view text, std::string name, const Digest& chain,
                        const sealed::OpeningKey& key) {
  const Segment plain{
      {}, std::move(name), Audience::kRegulator, kDetailsMedia, to_bytes(as_bytes(text))};
  LM_ASSIGN(const auto sealing, sealed::seal_segment(chain, plain));
  LM_ASSIGN(const auto segment, decode<Segment>(sealing.entry));
  LM_ASSIGN(auto recipient, sealed::wrap(sealing.key, key.reader()));
  return sealed::cose_encrypt(segment, {std::move(recipient)});
}

Result<std::string> open_parts(const Json& parts, const DetailsOf& of, const Digest& chain,
                               const sealed::OpeningKey& key) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto bytes = parts[i].is_string() ? from_hex(parts[i].get<std::string>()) : std::nullopt;
    if (!bytes) return fail(Errc::kSeal, "kept details are no hex");
    LM_ASSIGN(const auto envelope, sealed::read_cose_encrypt(*bytes));
    LM_ASSIGN(const auto plain, sealed::open_envelope(chain, envelope, key));
    if (plain.name != part_name(of, i, parts.size()) || plain.media != kDetailsMedia)
      return fail(Errc::kSeal,
                  "a part of the kept details is missing, out of place or of another review");
    text += as_text(plain.content);
  }
  return text;
}

Json clear_of(const Json& findings) {
  Json out = Json::array();
  for (const auto& f : findings) {
    Json shown;
    for (const char* place : kInTheClear) shown[place] = f.value(place, Json());
    out.push_back(std::move(shown));
  }
  return out;
}

bool is_list_of_objects(const Json& list) {
  return list.is_array() && std::ranges::all_of(list, [](const Json& f) { return f.is_object(); });
}

// The whole details, which must say of each finding what stands in the clear.
Result<Json> open_whole(const Json& kept, const DetailsOf& of, const Digest& chain,
                        const sealed::OpeningKey* key) {
  if (key == nullptr) return fail(Errc::kSealReader, "no opening key is configured");
  const Json& parts = kept.at("sealed");
  if (!parts.is_array()) return fail(Errc::kSeal, "kept details are no list");
  LM_ASSIGN(const auto text, open_parts(parts, of, chain, *key));
  Json whole = Json::parse(text, nullptr, false);
  if (!whole.is_object() || !whole.contains("findings") || !is_list_of_objects(whole["findings"]))
    return fail(Errc::kCorrupt, "kept details cannot be read");
  if (clear_of(whole["findings"]) != kept.value("findings", Json()))
    return fail(Errc::kCorrupt, "the findings in the clear are not those that were sealed");
  return whole;
}

}  // namespace

Result<std::string> keep_details(const Json& details, const DetailsOf& of, const Digest& chain,
                                 const sealed::OpeningKey* key) {
  const std::string text = details.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (key == nullptr) return text;
  // Read again: what is compared when it is opened is text that was repaired, if it was no UTF-8.
  const Json whole = Json::parse(text);
  Json kept = {{"findings", clear_of(whole.at("findings"))}, {"sealed", Json::array()}};
  const std::size_t count = (text.size() + kDetailsPart - 1) / kDetailsPart;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view part = std::string_view(text).substr(i * kDetailsPart, kDetailsPart);
    LM_ASSIGN(const auto bytes, seal_part(part, part_name(of, i, count), chain, *key));
    kept["sealed"].push_back(to_hex(bytes));
  }
  return kept.dump();
}

Json open_details(const std::string& kept, const DetailsOf& of, const Digest& chain,
                  const sealed::OpeningKey* key) {
  Json j = Json::parse(kept, nullptr, false);
  if (!j.is_object()) return Json::object();
  // What was kept without a key has its claims, if only an empty list.
  if (!j.contains("sealed") && j.contains("claims")) return j;
  auto whole = j.contains("sealed")
                   ? open_whole(j, of, chain, key)
                   : Result<Json>(fail(Errc::kCorrupt, "what was sealed of it was taken away"));
  if (whole) return *std::move(whole);
  return {{"findings", j.value("findings", Json::array())}, {"closed", whole.error().message()}};
}

}  // namespace lotmark::review

#include "ledger-node/command/command_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/sign1.h"

namespace lotmark::node {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kBodyMax = 4096;

Result<CommandKind> command_of(const std::string& word) {
  std::string words;
  for (int i = 0; i < kEnumCount<CommandKind>; ++i) {
    const auto kind = static_cast<CommandKind>(i);
    if (name(kind) == word) return kind;
    words += (words.empty() ? "" : ", ") + std::string(name(kind));
  }
  return fail(Errc::kUsage, "command: \"" + word + "\" is none of " + words);
}

// A number within the bounds, or nothing where the key is not there.
Result<std::optional<std::uint64_t>> number(const Json& j, const char* key, std::uint64_t least,
                                            std::uint64_t most) {
  const auto at = j.find(key);
  if (at == j.end() || at->is_null()) return std::optional<std::uint64_t>();
  if (!at->is_number_unsigned() || at->get<std::uint64_t>() < least ||
      at->get<std::uint64_t>() > most)
    return fail(Errc::kUsage, fmt::format("{}: a number from {} to {}", key, least, most));
  return std::optional(at->get<std::uint64_t>());
}

Result<std::string> text(const Json& j, const char* key) {
  const auto at = j.find(key);
  if (at == j.end() || !at->is_string()) return fail(Errc::kUsage, std::string(key) + ": a text");
  return at->get<std::string>();
}

}  // namespace

Result<CommandDesk::Request> CommandDesk::read(ByteView body) {
  if (body.size() > kBodyMax) return fail(Errc::kTooLarge, "a command has at most 4096 bytes");
  const Json j = Json::parse(as_text(body), nullptr, false);
  if (!j.is_object()) return fail(Errc::kUsage, "the body is no JSON object");
  for (const auto& [key, value] : j.items()) {
    if (key != "device" && key != "command" && key != "from" && key != "valid_s")
      return fail(Errc::kUsage, key + ": device, command, from and valid_s are known here");
  }
  Request r;
  LM_ASSIGN(r.device, text(j, "device"));
  LM_ASSIGN(const auto word, text(j, "command"));
  LM_ASSIGN(r.command, command_of(word));
  LM_ASSIGN(r.from, number(j, "from", 1, (std::uint64_t{1} << 53) - 1));
  LM_ASSIGN(const auto valid, number(j, "valid_s", 1, kValidMost));
  r.valid_s = valid.value_or(r.valid_s);
  const bool resend = r.command == CommandKind::kResend;
  if (resend && !r.from) r.from = 1;
  if (!resend && r.from) return fail(Errc::kUsage, "from: goes with resend alone");
  return r;
}

Result<const chain::Enrolled*> CommandDesk::find(const std::string& device) const {
  const auto kid = fixed_from_hex<KeyId>(device);
  const chain::Enrolled* found = nullptr;
  for (const auto& [id, e] : chain_.all_enrolled()) {
    if (e.kind != EnrolmentKind::kDevice || e.organisation != organisation_) continue;
    if (kid ? id != *kid : e.name != device) continue;
    // The newest key of a name: who took it over knows nothing of the old one's commands.
    if (found == nullptr || e.from_block > found->from_block) found = &e;
  }
  if (found != nullptr) return found;
  return fail(Errc::kNotFound, "no device " + device + " of " + organisation_ + " is enrolled");
}

Result<Reply> CommandDesk::sign(const Request& request, const chain::Enrolled& by, Time now) {
  LM_ASSIGN(const auto* device, find(request.device));
  const auto at = static_cast<std::uint64_t>(std::max<std::int64_t>(to_ms(now), 1));
  Command c;
  c.device = device->kid;
  c.counter = std::max(at, counter_ + 1);
  c.expiry = at + request.valid_s * 1000;
  c.command = request.command;
  c.from = request.from;
  LM_ASSIGN(auto object, seal(c, signer_, chain_.chain_id()));
  counter_ = c.counter;
  ++signed_;
  log::info("command.signed", {{"device", device->name},
                               {"command", name(c.command)},
                               {"counter", c.counter},
                               {"by", by.name}});
  const Json j = {{"device", device->name},
                  {"kid", to_hex(device->kid)},
                  {"command", std::string(name(c.command))},
                  {"counter", c.counter},
                  {"expiry", to_iso(from_ms(static_cast<std::int64_t>(c.expiry)))},
                  {"expiry_ms", c.expiry}};
  Reply reply = reply_json(j.dump());
  reply.messages.push_back(
      {fmt::format("lotmark/v1/{}/{}/command", device->organisation, device->name),
       std::move(object.bytes)});
  return reply;
}

std::optional<Reply> CommandDesk::control(const Route& route, const Call& call,
                                          const chain::Enrolled& from, Time now) {
  if (route.parts.size() != 3 || route.parts[2] != "commands" || call.method != "POST")
    return std::nullopt;
  const auto request = read(call.body);
  if (!request) return reply_error(request.error());
  auto reply = sign(*request, from, now);
  return reply ? std::move(*reply) : reply_error(reply.error());
}

std::vector<std::pair<std::string, double>> CommandDesk::metrics() const {
  return {{"lotmark_commands_signed_total", static_cast<double>(signed_)}};
}

}  // namespace lotmark::node

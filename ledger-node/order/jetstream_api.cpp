#include "ledger-node/order/jetstream_api.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/wire/limits.h"
#include "ledger-node/order/jetstream_lease.h"

namespace lotmark::node::js {

using nlohmann::json;

namespace {

// An object of at most `most` bytes; nothing is thrown by what follows on it but type errors, caught by read().
template <class T, class Read>
Result<T> read(ByteView answer, std::size_t most, Read&& from) {
  if (answer.size() > most) {
    return fail(Errc::kTooLarge, fmt::format("an answer of {} bytes", answer.size()));
  }
  const json j = json::parse(answer.begin(), answer.end(), nullptr, false);
  if (!j.is_object()) return fail(Errc::kNetwork, "JetStream's answer is no JSON object");
  try {
    T t;
    if (const auto e = j.find("error"); e != j.end()) {
      t.refusal = Refusal{e->value("err_code", 0), e->value("description", std::string{})};
      return t;
    }
    LM_TRY(from(j, t));
    return t;
  } catch (const json::exception& e) {
    return fail(Errc::kNetwork, std::string("JetStream's answer: ") + e.what());
  }
}

json config_of(const StreamSpec& s) {
  json c = {{"name", s.name},
            {"subjects", {s.subject}},
            {"retention", "limits"},
            {"max_consumers", -1},
            {"max_msgs", s.max_msgs},
            {"max_bytes", -1},
            {"max_age", 0},
            {"max_msgs_per_subject", s.max_msgs_per_subject},
            {"max_msg_size", s.max_msg_size},
            {"discard", "old"},
            {"storage", "file"},
            {"num_replicas", s.replicas},
            {"duplicate_window", 1'000'000'000},
            {"sealed", false},
            {"deny_delete", true},
            {"deny_purge", true},
            {"allow_rollup_hdrs", false},
            {"allow_direct", false},
            {"mirror_direct", false}};
  if (!s.republish_to.empty()) {
    c["republish"] = {{"src", s.subject}, {"dest", s.republish_to}};
  }
  return c;
}

// The first setting that differs. Unknown settings of newer servers are let be, but not those that feed or drain a
// stream from elsewhere.
std::string difference(const json& theirs, const StreamSpec& spec) {
  const json ours = config_of(spec);
  for (const auto& [key, want] : ours.items()) {
    const auto at = theirs.find(key);
    if (at == theirs.end()) return fmt::format("{} is not set, must be {}", key, want.dump());
    if (*at != want) return fmt::format("{} is {}, must be {}", key, at->dump(), want.dump());
  }
  for (const char* key : {"mirror", "sources", "republish", "no_ack", "template_owner",
                          "discard_new_per_subject", "placement"}) {
    const auto at = theirs.find(key);
    if (ours.contains(key) || at == theirs.end() || at->is_null() || *at == false || *at == "") {
      continue;
    }
    if (std::string_view(key) == "placement") continue;  // where it lies is the operator's matter
    return fmt::format("{} is {}, must not be set", key, at->dump());
  }
  return {};
}

}  // namespace

StreamSpec order_spec(unsigned replicas, std::uint64_t max_msgs) {
  StreamSpec s;
  s.name = kOrderStream;
  s.subject = kOrderSubject;
  s.republish_to = kEntrySubject;
  s.replicas = replicas;
  s.max_msgs = static_cast<std::int64_t>(max_msgs);
  s.max_msg_size = static_cast<std::int64_t>(limits::kBlock + kHeaderRoom);
  return s;
}

StreamSpec lease_spec(unsigned replicas) {
  StreamSpec s;
  s.name = kLeaseStream;
  s.subject = kLeaseSubject;
  s.replicas = replicas;
  s.max_msgs_per_subject = 1;
  s.max_msg_size = static_cast<std::int64_t>(kLeaseBytesMax + kHeaderRoom);
  return s;
}

std::string create_body(const StreamSpec& spec) { return config_of(spec).dump(); }
std::string get_body(std::uint64_t seq) { return fmt::format(R"({{"seq":{}}})", seq); }
std::string get_last_body(std::string_view subject) {
  return json{{"last_by_subj", subject}}.dump();
}

Result<Info> read_info(ByteView answer, const StreamSpec& spec) {
  return read<Info>(answer, kInfoBytesMax, [&](const json& j, Info& i) -> Status {
    i.difference = difference(j.at("config"), spec);
    i.created = j.at("created").get<std::string>();
    if (const auto c = j.find("cluster"); c != j.end()) {
      i.leader = c->value("leader", std::string{});
      if (i.leader.empty()) i.refusal = Refusal{0, "the stream has no leader"};
    }
    const json& state = j.at("state");
    i.messages = state.at("messages").get<std::uint64_t>();
    i.first = state.at("first_seq").get<std::uint64_t>();
    i.last = state.at("last_seq").get<std::uint64_t>();
    return {};
  });
}

Result<Ack> read_ack(ByteView answer, std::string_view stream) {
  return read<Ack>(answer, kInfoBytesMax, [&](const json& j, Ack& a) -> Status {
    if (j.at("stream").get<std::string>() != stream) {
      return fail(Errc::kNetwork, "another stream took the message");
    }
    a.seq = j.at("seq").get<std::uint64_t>();
    if (a.seq == 0 || j.value("duplicate", false)) {
      return fail(Errc::kNetwork, "the message was not stored");
    }
    return {};
  });
}

Result<Stored> read_stored(ByteView answer, std::string_view subject, std::size_t data_max) {
  // base64 of the data, of all headers the stream takes, and the frame around them
  const std::size_t most = (data_max + kHeaderRoom) * 4 / 3 + 4096;
  return read<Stored>(answer, most, [&](const json& j, Stored& s) -> Status {
    const json& m = j.at("message");
    if (m.at("subject").get<std::string>() != subject) {
      return fail(Errc::kNetwork, "a message of another subject");
    }
    s.seq = m.at("seq").get<std::uint64_t>();
    auto data = from_base64(m.value("data", std::string{}));
    if (!data) return fail(Errc::kNetwork, "a message's data is no base64");
    s.data = *std::move(data);
    return {};
  });
}

std::optional<Bytes> from_base64(std::string_view text) {
  static constexpr auto kValues = [] {
    std::array<std::int8_t, 256> v{};
    v.fill(-1);
    std::int8_t n = 0;
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
      v[static_cast<std::uint8_t>(c)] = n++;
    }
    return v;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pad = i >= text.size() - padding;
    const int v = pad ? 0 : kValues[static_cast<std::uint8_t>(text[i])];
    if (v < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(v);
    if (i % 4 != 3) continue;
    for (const int shift : {16, 8, 0}) out.push_back(static_cast<std::uint8_t>(bits >> shift));
    bits = 0;
  }
  for (std::size_t i = 0; i < padding; ++i) {
    if (out.back() != 0) return std::nullopt;
    out.pop_back();
  }
  return out;
}

}  // namespace lotmark::node::js

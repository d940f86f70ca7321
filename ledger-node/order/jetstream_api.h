// The words of JetStream's API that Lotmark uses: settings of its two streams, requests and answers in JSON. Pure;
// answers are untrusted text of bounded size. Source: nats-server 2.9, jetstream_api.go, and NATS ADR 2, 31.
#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::node::js {

// All that a member's account may publish to or subscribe to beside its inbox: docs/adr/0011.
inline constexpr std::string_view kOrderStream = "LOTMARK_ORDER";
inline constexpr std::string_view kOrderSubject = "lotmark.order.block";
inline constexpr std::string_view kEntrySubject =
    "lotmark.order.entry";  // stored entries, republished
inline constexpr std::string_view kLeaseStream = "LOTMARK_LEASE";
inline constexpr std::string_view kLeaseSubject = "lotmark.order.lease";

inline constexpr std::uint64_t kHeaderRoom = 1024;  // of a message, beside its payload
inline constexpr std::size_t kPayloadNeeded =
    (1024 + 4) * 1024;  // of a server: the largest block passes
inline constexpr std::size_t kInfoBytesMax = 64 * 1024;

// Error numbers of the server.
inline constexpr int kNoMessage = 10037;
inline constexpr int kNoStream = 10059;
inline constexpr int kWrongLast = 10071;

struct StreamSpec {
  std::string name;
  std::string subject;
  std::string republish_to;  // empty: not republished
  unsigned replicas = 1;
  std::int64_t max_msgs = -1;
  std::int64_t max_msgs_per_subject = -1;
  std::int64_t max_msg_size = -1;
};
StreamSpec order_spec(unsigned replicas, std::uint64_t max_msgs);
StreamSpec lease_spec(unsigned replicas);

// The body of a create request: the same bytes from every node.
std::string create_body(const StreamSpec& spec);
std::string get_body(std::uint64_t seq);
std::string get_last_body(std::string_view subject);

// What went wrong, by the server's number; 0 if it gave none.
struct Refusal {
  int code = 0;
  std::string text;
};

// A stream as its leader described it.
struct Info {
  std::optional<Refusal> refusal;  // then nothing below is set
  std::string difference;  // from the spec: "deny_purge is false, must be true"; empty: none
  std::string created;     // with the leader: which stream this is, and who speaks for it
  std::string leader;      // empty when the server is alone
  std::uint64_t messages = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
Result<Info> read_info(ByteView answer, const StreamSpec& spec);

// An ack of a publish: the sequence it got, or the refusal.
struct Ack {
  std::optional<Refusal> refusal;
  std::uint64_t seq = 0;
};
Result<Ack> read_ack(ByteView answer, std::string_view stream);

// A stored message.
struct Stored {
  std::optional<Refusal> refusal;
  std::uint64_t seq = 0;
  Bytes data;
};
Result<Stored> read_stored(ByteView answer, std::string_view subject, std::size_t data_max);

// Strict RFC 4648 base64 with padding.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace lotmark::node::js

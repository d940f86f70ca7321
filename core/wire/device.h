// What a device signs and what a node answers (docs/format/device.md). Plain structs: place in the
// encoding is the order of the members. Times are ms UTC, ids are digests of signed objects.
#pragma once

#include <variant>

#include "core/base/bytes.h"
#include "core/merkle/annotated.h"
#include "core/wire/enums.h"
#include "core/wire/values.h"

namespace lotmark {

// A nested signed object: its tagged bytes as they came, never rebuilt.
struct ObjectBytes {
  Bytes bytes;
  bool operator==(const ObjectBytes&) const = default;
};

// A tree's size and root.
struct Checkpoint {
  std::uint64_t size = 0;
  Digest root;
  bool operator==(const Checkpoint&) const = default;
};

struct Start {
  KeyId device;
  std::string machine;
  std::uint64_t boot = 0;
  Nonce nonce;
  std::optional<Checkpoint> anchor;
};

struct Calibration {
  std::string certificate;
  std::uint64_t date = 0;
  std::int64_t offset = 0;  // times 10^exp
  std::uint64_t accuracy = 0;
  Exponent exp;
};

struct SourceInfo {
  std::string name;
  std::string channel;
  std::optional<Calibration> calibration;
};

struct Birth {
  KeyId device;
  LifeId life;
  std::uint64_t boot = 0;
  std::uint64_t session = 0;
  bool gone = false;
  std::string program;
  Digest config;
  std::vector<SourceInfo> sources;
  ClockState clock = ClockState::kUnset;
  std::uint64_t unacked = 0;
};

struct DeclaredGap {
  std::optional<std::uint64_t> channel;  // place in channels; null the whole device
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  GapReason reason = GapReason::kNotANumber;
  bool operator==(const DeclaredGap&) const = default;
};

struct Alarm {
  std::optional<std::uint64_t> channel;
  std::string rule;
  std::uint64_t time = 0;
  std::optional<std::int64_t> value;
};

struct CountAnnotation {
  std::uint64_t count = 0;
  std::uint64_t t_first = 0;
  std::uint64_t t_last = 0;
  bool operator==(const CountAnnotation&) const = default;
};

// Annotation of quantity channels, CountAnnotation of epc and image, nothing without readings.
using ChannelAnnotation = std::variant<std::monostate, merkle::Annotation, CountAnnotation>;

struct Channel {
  std::string name;
  ChannelKind kind = ChannelKind::kQuantity;
  std::string unit;  // SenML (RFC 8428 section 12.1)
  Exponent exp;
  ChannelAnnotation annotation;
  std::optional<Digest> root;
};

struct Bundle {
  KeyId device;
  LifeId life;
  std::uint64_t seq = 0;
  std::optional<Digest> prev;
  std::uint64_t boot = 0;
  std::optional<Checkpoint> anchor;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t made = 0;
  ClockState clock = ClockState::kUnset;
  std::vector<DeclaredGap> gaps;
  std::vector<Alarm> alarms;
  std::vector<Channel> channels;
};

struct Gap {
  KeyId device;
  LifeId life;
  std::uint64_t seq = 0;  // first lost
  std::uint64_t last = 0;
  std::optional<Digest> prev;
  std::optional<Digest> lost;  // id of the last lost
  std::uint64_t readings = 0;
  GapReason reason = GapReason::kOutboxFull;
  std::optional<ObjectBytes> ack;  // there exactly for receiver-lost
};

struct AckRefusal {
  std::uint64_t seq = 0;
  std::uint64_t error = 0;  // an Errc
};

struct Ack {
  KeyId device;
  LifeId life;
  std::uint64_t through = 0;
  std::optional<Digest> id;
  std::uint64_t time = 0;
  std::uint64_t size = 0;  // of the intake log
  Digest root;
  std::optional<Checkpoint> checkpoint;
  std::vector<AckRefusal> refused;
};

struct Arrival {
  Digest object;
  std::uint64_t time = 0;
  std::uint64_t index = 0;  // in the signer's received log
};

struct Command {
  KeyId device;
  std::uint64_t counter = 0;
  std::uint64_t expiry = 0;
  CommandKind command = CommandKind::kSealNow;
  std::optional<std::uint64_t> from;  // there exactly for resend
};

}  // namespace lotmark

// What everybody keeps: openings to blocks, membership, votes' neighbours (docs/format/public.md).
#pragma once

#include "core/wire/private_level.h"

namespace lotmark {

struct Opening {
  Digest start;
  std::string programme;
  Digest line;
  Gtin gtin;
  std::optional<LotNumber> lot;
  std::vector<KeyId> reviewers;  // the first decides
  std::vector<std::uint64_t> slots;
};

struct Application {
  Digest opening;
  Digest start;
  std::string programme;
  Gtin gtin;
  std::string product;
  LotNumber lot;
  Expiry expires;
  std::optional<Checkpoint> items;
  Digest tx_root;
  std::uint64_t tx_count = 0;
  std::optional<Digest> supersedes;
};

struct Finding {
  std::uint64_t code = 0;
  std::string text;
  std::optional<Digest> object;
};

struct SampleResult {
  std::uint64_t claim = 0;
  std::uint64_t index = 0;
  bool ok = false;
};

struct Report {
  Digest application;
  std::vector<Finding> findings;
  std::vector<SampleResult> samples;
  std::vector<Digest> reports;
  Decision decision = Decision::kRefuse;
};

struct Release {
  ObjectBytes application;
  std::string number;
  Digest report;
  std::optional<std::string> reason;
};

struct Refusal {
  Digest application;
  Digest report;
};

struct PeriodBody {
  std::uint64_t number = 0;
  std::vector<ObjectBytes> heads;
  std::vector<ObjectBytes> enrolments;
  std::vector<ObjectBytes> transactions;
  std::vector<ObjectBytes> events;
  std::vector<KeyId> missing;
};

struct CutBody {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Digest archive;
  Digest snapshot;
  std::vector<ObjectBytes> flags;
};

// Nothing: a term block without delegation. Bytes: the one nested object of the other kinds.
using BlockBody = std::variant<std::monostate, ObjectBytes, PeriodBody, CutBody>;

struct Block {
  BlockKind kind = BlockKind::kPeriod;
  std::uint64_t epoch = 0;
  std::uint64_t term = 0;
  std::uint64_t number = 0;
  std::optional<Digest> prev;
  std::uint64_t time = 0;
  BlockBody body;
};

struct Head {
  LogKind log = LogKind::kIntake;
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t time = 0;
  std::uint64_t prior = 0;
  std::vector<Digest> path;
};

struct EnrolledChannel {
  std::string name;
  ChannelKind kind = ChannelKind::kQuantity;
  std::string unit;
  Exponent exp;
  std::optional<Calibration> calibration;
};

struct Enrolment {
  PublicKey public_key;
  EnrolmentKind kind = EnrolmentKind::kDevice;
  std::string name;
  std::string organisation;
  std::string site;
  std::vector<EnrolledChannel> channels;
  std::optional<KeyId> predecessor;
};

struct Member {
  KeyId kid;
  PublicKey public_key;
  std::vector<Role> roles;
  std::string organisation;
  std::string area;
  std::vector<std::string> prefixes;
  std::vector<std::string> products;  // programme ids it reviews

  bool has(Role r) const {
    for (Role x : roles) {
      if (x == r) return true;
    }
    return false;
  }
};

struct ProgrammeLimit {
  std::string channel;
  std::string unit;
  Exponent exp;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::uint64_t gap_max = 0;
};

struct Programme {
  std::string id;
  std::vector<std::string> products;
  std::vector<ProgrammeLimit> limits;
  std::uint64_t count = 0;           // steps and decoys together
  std::vector<std::uint64_t> slots;  // ms after the start signal's arrival
  std::uint64_t lateness = 0;        // ms
  std::uint64_t window = 0;          // ms from start signal to opening
  std::uint64_t period_s = 0;
  std::uint64_t retention = 0;  // s after expiry
  std::vector<Digest> lines;
  OrderKind order = OrderKind::kCrash;
};

struct Membership {
  std::uint64_t epoch = 0;
  std::vector<Member> members;
  std::uint64_t quorum = 0;
  std::vector<Programme> programmes;
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  std::optional<Digest> root;
  std::vector<Enrolment> enrolments;  // statement 0 only

  const Member* find(const KeyId& kid) const {
    for (const auto& m : members) {
      if (m.kid == kid) return &m;
    }
    return nullptr;
  }
  const Programme* programme(std::string_view id) const {
    for (const auto& p : programmes) {
      if (p.id == id) return &p;
    }
    return nullptr;
  }
};

// [payload, signatures with nil payload sorted by kid].
struct StatementObject {
  Bytes payload;
  std::vector<ObjectBytes> signatures;
};

struct Revocation {
  KeyId kid;
  std::uint64_t from = 0;
  RevokedReason reason = RevokedReason::kLost;
  std::optional<std::string> text;
};

struct Recall {
  Gtin gtin;
  std::optional<LotNumber> lot;
  bool open = true;
  std::string reason;
  std::uint64_t time = 0;
};

struct Promise {
  Digest object;
  std::uint64_t deadline = 0;
};

struct Turn {
  std::uint64_t term = 0;
  std::optional<ObjectBytes> vote;
  KeyId asker;
};

struct Delegation {
  std::uint64_t term = 0;
  KeyId to;
  std::uint64_t from = 0;
  std::uint64_t time = 0;
};

struct Token {
  KeyId callee;
  std::string method;
  std::string path;
  Digest body;
  std::uint64_t time = 0;
  Nonce nonce;
};

}  // namespace lotmark

// What an intake log holds in memory, and how it judges a group. Shared by the folder's own sources only.
#pragma once

#include <atomic>

#include "ledger-node/intake/id_index.h"
#include "ledger-node/intake/intake_log.h"
#include "ledger-node/intake/intake_store.h"

namespace lotmark::node {

// An enrolled device of this organisation, ready to be verified and answered.
struct Known {
  PublicKey key;
  Verifier verifier;
  std::string bundle_topic;
  std::string ack_topic;
  std::optional<KeyId> predecessor;  // whose log this key's goes on
  bool revoked = false;
};

// What a device is told when the group is on disk.
struct Answer {
  LifeNumber life = 0;
  std::vector<AckRefusal> refused;
};

// All that one call of take() would change, before the commit makes it true.
struct Group {
  std::uint64_t time = 0;
  std::vector<Entry> entries;
  std::vector<Contradiction> contradictions;
  std::map<KeyId, Answer> answers;
  std::map<Errc, std::uint64_t> refused;
  std::uint64_t again = 0;
  std::uint64_t bytes = 0;
  std::uint64_t span_max = 0;
};

// What became of a message: its own error, which is no error of ours.
struct Judged {
  Errc error = Errc::kOk;
};

struct IntakeLog::State final : HeldObjects {
  State(IntakeStore s, IntakeStore r, const Signer& key, Digest c, IntakeConfig cfg)
      : store(std::move(s)), reader(std::move(r)), signer(key), chain(c), config(std::move(cfg)) {}

  std::mutex mutex;  // all but `reader`
  IntakeStore store;
  std::mutex read_mutex;
  IntakeStore reader;
  const Signer& signer;
  const Digest chain;
  const IntakeConfig config;

  std::unordered_map<KeyId, Known> devices;
  std::optional<Checkpoint> newest;
  DeviceLogs logs;
  merkle::MemoryTree tree;
  IdIndex index{tree};
  WireReader wires;
  Group group;
  std::optional<std::uint64_t> seq;  // of the message under judgement, once it is read
  std::uint64_t time = 0;            // newest told
  std::vector<IntakeLog::WirePair> contradictions;
  std::atomic<bool> contradicted = false;  // there are some: asked without the mutex
  std::uint64_t span_max = 0;              // of a bundle, ms

  std::map<Errc, std::uint64_t> refused;
  std::uint64_t accepted = 0;
  std::uint64_t again = 0;
  std::uint64_t groups = 0;
  std::uint64_t bytes = 0;

  std::string damage;
  std::vector<IntakeLog::DamagedRow> newest_damage;

  Status load();
  // Reads the newest bodies again: what a crash or a hand did to them shows at once.
  Status look_at_newest();

  // Judges one message into the group. An error is the store's: the group cannot go on.
  Status judge(const bus::Message& m);
  // The same; what comes back is the message's own error.
  Result<Judged> judge_bundle(const bus::Message& m);
  Result<Judged> judge_gap(const bus::Message& m);
  Result<Placed> find_place(const Claimed& object, const bus::Message& m);
  Errc may_sign(const Claimed& object, const Signature& signature, const bus::Message& m);
  Errc check_receiver_lost(const Gap& gap) const;
  Errc check_window(const Bundle& b) const;
  // Names the error in the device's ack, if the object is of its open life; gives it back.
  Errc refuse(const Claimed& object, Errc error);
  void append(const Claimed& object, const Placed& placed, Entry e,
              const std::optional<Digest>& end);

  bool taken_over(const KeyId& device) const;
  // Keys before this one under its name, newest first.
  std::vector<KeyId> predecessors(const KeyId& device) const;
  Result<bool> holds(const KeyId& device, const Digest& id) override;
  Result<std::optional<Held>> covering(LifeNumber life, std::uint64_t seq) override;
  Held to_held(std::uint64_t last, bool gap, const Digest& id, Bytes wire) const;

  Status commit();
  void undo();
  Result<std::vector<Publication>> answers();
};

}  // namespace lotmark::node

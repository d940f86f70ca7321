// A node small enough for a test: checks every wire with the real reader, keeps a position, acks. It can
// be told to misbehave.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/bus/bus.h"
#include "core/wire/sign1.h"
#include "tests/eventually.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent::test {

class ScriptedNode {
 public:
  template <class Fn>
  auto locked(Fn&& fn) {
    std::lock_guard lock(mutex_);
    return fn();
  }
  ScriptedNode(std::unique_ptr<bus::Bus> bus, const PublicKey& device)
      : device_(device), enterprise_(new_signer()), reviewer_(new_signer()), bus_(std::move(bus)) {
    bus_->subscribe("lotmark/v1/+/+/bundle", [this](const bus::Message& m) { on_bundle(m); });
    bus_->subscribe("lotmark/v1/+/+/start", [this](const bus::Message& m) { on_start(m); });
    bus_->subscribe("lotmark/v1/+/+/state", [this](const bus::Message& m) { on_state(m); });
    EXPECT_TRUE(bus_->start());
  }

  const Signer& enterprise() const { return *enterprise_; }
  const Signer& reviewer() const { return *reviewer_; }
  bus::Bus& bus() { return *bus_; }

  // What it took, by channel: (t, v) in order of the log; and the declared gaps.
  using Series = std::vector<std::pair<std::uint64_t, std::int64_t>>;
  std::map<std::string, Series> series() {
    return locked([&] { return series_; });
  }
  std::map<std::string, Series> gaps() {
    return locked([&] { return gaps_; });
  }
  // Of epc channels.
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::string>>> texts() {
    return locked([&] { return texts_; });
  }
  std::uint64_t through() {
    return locked([&] { return through_; });
  }
  Digest id_of(std::uint64_t seq) {
    return locked([&] { return ids_.at(seq); });
  }
  std::uint64_t refused() {
    return locked([&] { return bad_; });
  }
  std::vector<Gap> lost() {
    return locked([&] { return lost_; });
  }
  std::vector<Birth> births() {
    return locked([&] { return births_; });
  }
  std::vector<Bytes> starts() {
    return locked([&] { return starts_; });
  }
  std::vector<ClockState> clocks() {
    return locked([&] { return clocks_; });
  }
  struct SeenAlarm {
    std::string channel;
    std::string rule;
    std::optional<std::int64_t> value;
  };
  std::vector<SeenAlarm> alarms() {
    return locked([&] { return alarms_; });
  }
  std::size_t arrived() {
    return locked([&] { return arrived_; });
  }

  // Passes over the next `n` bundles as if the broker had lost them.
  void lose(int n) {
    locked([&] { return lose_ = n; });
  }
  // Falls back to a position it had before, as after a restore.
  void restore(std::uint64_t through) {
    locked([&] {
      through_ = through;
      id_ = through == 0 ? std::nullopt : std::optional(ids_.at(through));
      return 0;
    });
    publish_ack({});
  }
  // Whatever bears this number is refused for it.
  void refuse(std::uint64_t seq, Errc error) {
    locked([&] { return refuse_ = std::pair(seq, error); });
  }
  void answer_as_reviewer(bool yes) {
    locked([&] { return reviews_ = yes; });
  }
  void mute(bool yes) {
    locked([&] { return mute_ = yes; });
  }

  // An ack as it would be now, signed by whom the test likes.
  Bytes make_ack(const Signer& signer, std::uint64_t through, std::optional<Digest> id,
                 std::uint64_t time) {
    Ack a{key_id(device_), life_, through, id, time, through, {}, Checkpoint{through + 1, {}}, {}};
    return seal(a, signer, chain())->bytes;
  }
  void publish_ack(std::vector<AckRefusal> refused) {
    if (locked([&] { return mute_; })) return;
    (void)bus_->publish("lotmark/v1/acme/line-1/ack", make_refusal(std::move(refused)), false, {});
  }
  // The ack of now.
  Bytes make_refusal(std::vector<AckRefusal> refused) {
    std::lock_guard lock(mutex_);
    Ack a{key_id(device_),   life_,    through_, id_,
          ++time_,           through_, {},       Checkpoint{through_ + 1, {}},
          std::move(refused)};
    return seal(a, *enterprise_, chain())->bytes;
  }

 private:
  void on_bundle(const bus::Message& m) {
    std::vector<AckRefusal> refused;
    {
      std::lock_guard lock(mutex_);
      ++arrived_;
      if (lose_ > 0) {
        --lose_;
        return;
      }
      if (!m.payload.empty() && m.payload[0] == 0xd2) {
        take_gap(m.payload, refused);
      } else {
        take_bundle(m.payload, refused);
      }
    }
    publish_ack(std::move(refused));
  }
  void take_gap(const Bytes& object, std::vector<AckRefusal>& refused) {
    auto gap = open<Gap>(object, chain());
    if (!gap || !gap->verified_by(device_) || gap->body.last <= through_) {
      bad_ += gap && gap->verified_by(device_) ? 0 : 1;
      return;
    }
    life_ = gap->body.life;
    if (gap->body.seq > through_ + 1) {
      refused.push_back({gap->body.seq, static_cast<std::uint64_t>(Errc::kNeedSeq)});
      return;
    }
    if (gap->body.seq == through_ + 1 && gap->body.prev != id_) {
      ++bad_;
      return;
    }
    lost_.push_back(gap->body);
    through_ = gap->body.last;
    id_ = gap->body.lost;
  }
  void take_bundle(const Bytes& wire, std::vector<AckRefusal>& refused) {
    auto o = open_wire(wire, chain(), [&](const Signed<Bundle>& b) {
      return b.verified_by(device_) ? Errc::kOk : Errc::kCoseSignature;
    });
    if (!o) {
      ++bad_;
      return;
    }
    const Bundle& b = o->bundle.body;
    life_ = b.life;
    if (b.seq <= through_) {
      const auto held = ids_.find(b.seq);
      if (held != ids_.end() && held->second != o->bundle.id)
        refused.push_back({b.seq, static_cast<std::uint64_t>(Errc::kSeqConflict)});
      return;
    }
    if (b.seq > through_ + 1) {
      refused.push_back({b.seq, static_cast<std::uint64_t>(Errc::kNeedSeq)});
      return;
    }
    if (b.prev != id_) {
      ++bad_;
      return;
    }
    if (refuse_ && b.seq == refuse_->first) {
      refused.push_back({b.seq, static_cast<std::uint64_t>(refuse_->second)});
      return;
    }
    for (std::size_t c = 0; c < b.channels.size(); ++c) {
      auto& s = series_[b.channels[c].name];
      for (std::size_t i = 0; i < o->channels[c].quantity.size(); ++i) {
        s.emplace_back(o->channels[c].times[i], o->channels[c].quantity[i]);
      }
    }
    for (std::size_t c = 0; c < b.channels.size(); ++c) {
      const auto& readings = o->channels[c];
      for (std::size_t i = 0; i < readings.epc.size(); ++i) {
        texts_[b.channels[c].name].emplace_back(readings.times[i], readings.epc[i]);
      }
    }
    for (const auto& g : b.gaps) {
      gaps_[b.channels.at(*g.channel).name].emplace_back(g.from,
                                                         static_cast<std::int64_t>(g.reason));
    }
    clocks_.push_back(b.clock);
    for (const auto& a : b.alarms) {
      alarms_.push_back({a.channel ? b.channels.at(*a.channel).name : "", a.rule, a.value});
    }
    through_ = b.seq;
    id_ = o->bundle.id;
    ids_[b.seq] = o->bundle.id;
  }
  void on_start(const bus::Message& m) {
    auto start = open<Start>(m.payload, chain());
    if (!start) return;
    const auto topic = bus::parse_topic(m.topic);
    bool reviews = false;
    {
      std::lock_guard lock(mutex_);
      starts_.push_back(m.payload);
      reviews = reviews_;
    }
    const std::string ack = to_string(bus::Topic{topic->organisation, topic->device, "ack"});
    const Arrival arrival{start->id, 5, 0};
    (void)bus_->publish(ack, seal(arrival, *enterprise_, chain())->bytes, false, {});
    if (!reviews) return;
    (void)bus_->publish(ack, seal(arrival, *reviewer_, chain())->bytes, false, {});
  }
  void on_state(const bus::Message& m) {
    auto birth = open<Birth>(m.payload, chain());
    std::lock_guard lock(mutex_);
    if (birth && birth->verified_by(device_)) births_.push_back(birth->body);
  }

  PublicKey device_;
  std::unique_ptr<Signer> enterprise_;
  std::unique_ptr<Signer> reviewer_;
  std::mutex mutex_;
  LifeId life_;
  std::uint64_t through_ = 0;
  std::optional<Digest> id_;
  std::map<std::uint64_t, Digest> ids_;
  std::uint64_t time_ = 1000;
  std::uint64_t bad_ = 0;
  std::size_t arrived_ = 0;
  int lose_ = 0;
  bool mute_ = false;
  std::optional<std::pair<std::uint64_t, Errc>> refuse_;
  bool reviews_ = true;
  std::map<std::string, Series> series_;
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::string>>> texts_;
  std::map<std::string, Series> gaps_;
  std::vector<Gap> lost_;
  std::vector<Birth> births_;
  std::vector<Bytes> starts_;
  std::vector<ClockState> clocks_;
  std::vector<SeenAlarm> alarms_;
  std::unique_ptr<bus::Bus> bus_;  // last: it calls into the rest until it is gone
};

using lotmark::test::eventually;

}  // namespace lotmark::agent::test

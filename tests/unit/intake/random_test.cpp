// Ten thousand random objects of three devices against a model of the acceptance table that keeps lists and
// searches them from the front.
#include <random>

#include "tests/unit/intake/intake_fixture.h"

namespace lotmark::test {
namespace {

struct Object {
  std::size_t device = 0;
  LifeId life;
  std::uint64_t seq = 0;
  std::uint64_t last = 0;
  std::optional<Digest> prev;
  std::optional<Digest> lost;  // of a gap
  Digest id;
  bool gap = false;
  bool bad_signature = false;
  bool bad_readings = false;
  bus::Message message;
};

struct Model {
  struct Stored {
    LifeId life;
    std::uint64_t seq, last;
    Digest id;
    std::optional<Digest> end;
  };
  struct Device {
    std::vector<LifeId> lives;  // the last is open
    std::vector<Stored> log;
    std::uint64_t seq = 0;
    std::optional<Digest> end;
    std::vector<AckRefusal> refused;
    bool touched = false;
  };
  std::vector<Device> devices{3};
  std::vector<Digest> ids;  // the whole log
  std::set<Digest> conflicts;

  static const Stored* over(const Device& d, const LifeId& life, std::uint64_t seq) {
    for (const auto& s : d.log) {
      if (s.life == life && s.seq <= seq && seq <= s.last) return &s;
    }
    return nullptr;
  }
  static bool holds(const Device& d, const Digest& id) {
    return std::ranges::any_of(d.log, [&](const Stored& s) { return s.id == id; });
  }

  Errc judge(const Object& o) {
    Device& d = devices[o.device];
    if (o.bad_signature) {
      if (!d.lives.empty() && d.lives.back() == o.life) d.touched = true;
      return Errc::kCoseSignature;
    }
    d.touched = true;
    if (d.lives.empty() || d.lives.back() != o.life) {
      if (std::ranges::find(d.lives, o.life) != d.lives.end()) return Errc::kLifeClosed;
      d.lives.push_back(o.life);
      d.seq = 0;
      d.end.reset();
      d.refused.clear();
    }
    if (o.last <= d.seq) return below(o, d);
    if (o.seq > d.seq + 1) return Errc::kNeedSeq;
    if (!follows(o, d)) return Errc::kPrevMismatch;
    if (o.bad_readings) return Errc::kRootMismatch;
    const auto end = o.gap ? o.lost : std::optional(o.id);
    d.log.push_back({o.life, d.seq + 1, o.last, o.id, end});
    d.seq = o.last;
    d.end = end;
    ids.push_back(o.id);
    return Errc::kOk;
  }

  Errc below(const Object& o, const Device& d) {
    if (holds(d, o.id)) return Errc::kOk;
    if (o.gap) return Errc::kGapBelowPosition;
    const Stored* s = over(d, o.life, o.seq);
    if (s->last == o.seq && s->end == o.id) return Errc::kOk;
    if (o.seq < s->last) return Errc::kGapBelowPosition;
    conflicts.insert(o.id);
    return Errc::kSeqConflict;
  }
  static bool follows(const Object& o, const Device& d) {
    if (o.seq == 1) return !o.prev || holds(d, *o.prev);
    if (o.seq == d.seq + 1) return o.prev == d.end;
    const Stored* s = over(d, o.life, o.seq - 1);
    return s->last != o.seq - 1 || s->end == o.prev;
  }
};

class IntakeRandom : public IntakeTest {
 protected:
  std::mt19937_64 random{20260105};
  std::vector<SimulatedDevice> fleet;
  Model model;
  std::vector<Object> sent;

  std::uint64_t pick(std::uint64_t n) { return random() % n; }
  bool one_in(std::uint64_t n) { return pick(n) == 0; }

  void SetUp() override {
    for (std::uint8_t i = 0; i < 3; ++i) {
      fleet.emplace_back("unit-" + std::to_string(i), static_cast<std::uint8_t>(40 + i));
      enrolled[fleet.back().kid()] = fleet.back().enrolled();
    }
    reopen();
  }

  // Mostly what comes next; else a claim near it that may be right or wrong.
  Object make() {
    if (!sent.empty() && one_in(6))
      return sent[sent.size() - 1 - pick(std::min<std::size_t>(sent.size(), 300))];
    Object o;
    o.device = pick(fleet.size());
    auto& d = fleet[o.device];
    const auto& m = model.devices[o.device];
    o.life = m.lives.empty() || one_in(150) ? random_fixed<LifeId>() : m.lives.back();
    if (!m.lives.empty() && one_in(40)) o.life = m.lives[pick(m.lives.size())];
    const bool same = !m.lives.empty() && o.life == m.lives.back();
    const std::uint64_t position = same ? m.seq : 0;
    o.seq = position + 1;
    o.prev = same || one_in(2) ? m.end : std::nullopt;
    o.gap = one_in(8);
    if (one_in(4)) o.seq = 1 + pick(position + 4);
    o.last = o.gap ? o.seq + pick(5) : o.seq;
    if (one_in(12))
      o.prev = one_in(2) || m.log.empty() ? std::optional<Digest>() : m.log[pick(m.log.size())].id;
    if (o.gap && one_in(2))
      o.lost = one_in(2) || sent.empty() ? random_fixed<Digest>() : sent.back().id;
    o.bad_signature = one_in(25);
    o.bad_readings = !o.gap && one_in(25);
    write(o, d);
    return o;
  }

  void write(Object& o, SimulatedDevice& d) {
    d.set_life(o.life);
    if (o.gap) {
      Gap g = d.gap_draft(1);
      g.seq = o.seq;
      g.last = o.last;
      g.prev = o.prev;
      g.lost = o.lost;
      o.message = d.send(g);
      if (o.bad_signature) o.message.payload.back() ^= 1;
    } else {
      const auto t = kStart + pick(kHour - 1);
      o.message = d.bundle(
          {{t, static_cast<std::int64_t>(pick(1000))}},
          [&](auto& draft) {
            draft.body.seq = o.seq;
            draft.body.prev = o.prev;
          },
          [&](auto& draft) {
            if (o.bad_readings) draft.wire.salt.bytes[3] ^= 8;
            if (o.bad_signature) draft.wire.bundle.back() ^= 1;
          });
    }
    o.id = d.id;
  }

  void step() {
    std::vector<bus::Message> group;
    for (auto& d : model.devices) {
      d.touched = false;
      d.refused.clear();
    }
    const std::size_t n = 1 + pick(12);
    for (std::size_t i = 0; i < n; ++i) {
      Object o = make();
      group.push_back(o.message);
      auto& d = model.devices[o.device];
      const Errc e = model.judge(o);
      ++outcomes[e];
      const AckRefusal r{o.seq, static_cast<std::uint64_t>(e)};
      const auto same = [&](const AckRefusal& x) { return x.seq == r.seq && x.error == r.error; };
      if (e != Errc::kOk && d.touched && std::ranges::none_of(d.refused, same))
        d.refused.push_back(r);
      sent.push_back(std::move(o));
    }
    auto published = log->take(group, now);
    ASSERT_TRUE(published);
    compare(*published);
  }

  void compare(const std::vector<node::Publication>& published) {
    std::map<KeyId, Ack> acks;
    for (const auto& p : published) {
      auto ack = open<Ack>(p.payload, test_chain());
      ASSERT_TRUE(ack);
      acks[ack->body.device] = ack->body;
    }
    for (std::size_t i = 0; i < fleet.size(); ++i) {
      const auto& m = model.devices[i];
      ASSERT_EQ(acks.contains(fleet[i].kid()), m.touched);
      if (!m.touched) continue;
      const Ack& a = acks.at(fleet[i].kid());
      ASSERT_EQ(a.life, m.lives.back());
      ASSERT_EQ(a.through, m.seq);
      ASSERT_EQ(a.id, m.end);
      ASSERT_EQ(a.size, model.ids.size());
      ASSERT_EQ(a.refused.size(), m.refused.size());
      for (std::size_t k = 0; k < a.refused.size(); ++k) {
        ASSERT_EQ(a.refused[k].seq, m.refused[k].seq);
        ASSERT_EQ(a.refused[k].error, m.refused[k].error);
      }
    }
    merkle::CompactRange range;
    for (const auto& id : model.ids) range.append(merkle::leaf_hash(id.view()));
    ASSERT_EQ(log->checkpoint().root, range.root());
  }

  std::map<Errc, int> outcomes;
};

TEST_F(IntakeRandom, TenThousandObjectsAreJudgedAsTheModelJudgesThem) {
  for (int i = 0; sent.size() < 10000; ++i) {
    step();
    if (HasFatalFailure()) FAIL() << "at object " << sent.size();
    if (i % 25 == 0) reopen();
  }
  for (const Errc e :
       {Errc::kOk, Errc::kCoseSignature, Errc::kLifeClosed, Errc::kSeqConflict, Errc::kNeedSeq,
        Errc::kPrevMismatch, Errc::kGapBelowPosition, Errc::kRootMismatch}) {
    EXPECT_GT(outcomes[e], 20) << name(e);
  }
  for (std::size_t i = 0; i < model.ids.size(); i += 37) {
    auto found = log->find(model.ids[i]);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->index, i);
    auto root = merkle::fold_inclusion(merkle::leaf_hash(model.ids[i].view()), i, model.ids.size(),
                                       log->path(i, model.ids.size()));
    EXPECT_EQ(*root, log->checkpoint().root);
  }
  EXPECT_EQ(evidence().size(), std::min<std::size_t>(model.conflicts.size(), 3 * 64));
}

}  // namespace
}  // namespace lotmark::test

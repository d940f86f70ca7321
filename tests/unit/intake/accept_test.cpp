#include <thread>

#include "tests/unit/intake/intake_fixture.h"

namespace lotmark::test {
namespace {

using IntakeAccept = IntakeTest;

TEST_F(IntakeAccept, FirstBundleIsAckedWithTheLogsNewHead) {
  const auto m = thermometer.bundle({{kStart, 420}, {kStart + 60000, 431}});
  const Ack ack = tell(thermometer, m);
  EXPECT_EQ(ack.life, thermometer.life());
  EXPECT_EQ(ack.through, 1u);
  EXPECT_EQ(ack.id, thermometer.id);
  EXPECT_EQ(ack.time, static_cast<std::uint64_t>(to_ms(now)));
  EXPECT_EQ(ack.size, 1u);
  EXPECT_EQ(ack.root, merkle::leaf_hash(thermometer.id.view()));
  EXPECT_EQ(ack.checkpoint, newest);
  EXPECT_TRUE(ack.refused.empty());
  auto stored = log->find(thermometer.id);
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->wire, m.payload);
  EXPECT_EQ((*stored)->index, 0u);
}

TEST_F(IntakeAccept, OneAckADeviceForAGroupOfManyAndEachIndexHasItsPath) {
  std::vector<bus::Message> group;
  std::vector<Digest> ids;
  for (std::uint64_t i = 0; i < 21; ++i) {
    SimulatedDevice& d = i % 3 == 0 ? door : thermometer;
    group.push_back(d.bundle({{kStart + i, 1}}));
    ids.push_back(d.id);
  }
  const auto acks = send(group);
  ASSERT_EQ(acks.size(), 2u);
  EXPECT_EQ(acks.at(door.kid()).through, 7u);
  EXPECT_EQ(acks.at(thermometer.kid()).through, 14u);
  for (std::uint64_t size = 1; size <= ids.size(); ++size) {
    merkle::CompactRange range;
    for (std::uint64_t i = 0; i < size; ++i) range.append(merkle::leaf_hash(ids[i].view()));
    for (std::uint64_t i = 0; i < size; ++i) {
      auto root =
          merkle::fold_inclusion(merkle::leaf_hash(ids[i].view()), i, size, log->path(i, size));
      ASSERT_TRUE(root);
      EXPECT_EQ(*root, range.root()) << i << " of " << size;
    }
  }
  const Head head = log->head(9, now);
  EXPECT_EQ(head.log, LogKind::kIntake);
  EXPECT_EQ(head.size, 21u);
  EXPECT_EQ(head.prior, 9u);
  merkle::CompactRange nine;
  for (std::size_t i = 0; i < 9; ++i) nine.append(merkle::leaf_hash(ids[i].view()));
  EXPECT_TRUE(merkle::verify_consistency(9, nine.root(), 21, head.root, head.path));
}

TEST_F(IntakeAccept, SameBundleAgainIsAckedAgainAndNotStored) {
  const auto first = thermometer.bundle({{kStart, 1}});
  tell(thermometer, first);
  const auto second = thermometer.bundle({{kStart + 1, 1}});
  tell(thermometer, second);
  const Ack ack = tell(thermometer, first);
  EXPECT_EQ(ack.through, 2u);
  EXPECT_EQ(ack.id, thermometer.id);
  EXPECT_TRUE(ack.refused.empty());
  EXPECT_EQ(log->size(), 2u);
  EXPECT_EQ(send({first, second, second, first}).at(thermometer.kid()).through, 2u);
  EXPECT_EQ(log->size(), 2u);
}

TEST_F(IntakeAccept, TwiceInOneGroupIsStoredOnce) {
  const auto m = thermometer.bundle({{kStart, 1}});
  EXPECT_EQ(send({m, m}).at(thermometer.kid()).through, 1u);
  EXPECT_EQ(log->size(), 1u);
}

// The order n of P-256 minus s, over the last 32 bytes of an object.
void flip_s(Bytes& object) {
  const Bytes n = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    std::uint8_t& s = object[object.size() - 32 + i];
    const int d = n[i] - s - borrow;
    borrow = d < 0 ? 1 : 0;
    s = static_cast<std::uint8_t>(d + 256 * borrow);
  }
}

TEST_F(IntakeAccept, OtherHalfOfTheSignatureChangesNoId) {
  auto d = thermometer.draft({{kStart, 1}});
  const auto m = thermometer.seal_draft(d);
  const auto flipped = thermometer.message([&] {
    flip_s(d.wire.bundle);
    return encode_wire(d.wire, d.body.channels);
  }());
  ASSERT_NE(flipped.payload, m.payload);
  tell(thermometer, m);
  const Ack ack = tell(thermometer, flipped);
  EXPECT_TRUE(ack.refused.empty());
  EXPECT_EQ(ack.id, thermometer.id);
  EXPECT_EQ(log->size(), 1u);
  EXPECT_TRUE(evidence().empty());
}

TEST_F(IntakeAccept, BundleWithoutReadingsAndOtherKindsOfChannel) {
  EXPECT_EQ(tell(thermometer, thermometer.bundle({})).through, 1u);
  const auto scan = door.bundle({{kStart, 0}}, [](SimulatedDevice::Draft& d) {
    Channel& c = d.body.channels[0];
    c.kind = ChannelKind::kEpc;
    c.exp.value = 0;
    auto& r = d.wire.channels[0];
    r.quantity.clear();
    r.epc = {"urn:epc:id:sgtin:9506000.013435.8001"};
    c.annotation = CountAnnotation{1, kStart, kStart};
    c.root = plain_root(d.wire.salt, 0, c.kind, r);
    Channel image{"still", ChannelKind::kImage, "", {}, CountAnnotation{2, kStart, kStart}, {}};
    ChannelReadings shots;
    shots.times = {kStart, kStart};
    shots.images.resize(2);
    shots.images[1] = {test_chain(), "image/jpeg", {{"LOT 7", 990000, test_chain()}}};
    image.root = plain_root(d.wire.salt, 1, image.kind, shots);
    d.body.channels.push_back(image);
    d.wire.channels.push_back(shots);
  });
  EXPECT_EQ(tell(door, scan).through, 1u);
  auto stored = log->find(door.id);
  auto opened = open_wire((*stored)->wire, test_chain(), [](const auto&) { return Errc::kOk; });
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->channels[0].epc[0], "urn:epc:id:sgtin:9506000.013435.8001");
  EXPECT_EQ(opened->channels[1].images[1].readings[0].text, "LOT 7");
}

TEST_F(IntakeAccept, NewLifeClosesTheOldAndMayNameWhatThisNodeHolds) {
  tell(thermometer, thermometer.bundle({{kStart, 1}}));
  const auto old = thermometer.stray({{kStart + 1, 1}});
  const LifeId before = thermometer.life();
  thermometer.new_life();  // its first prev is the id of the last object of the old life
  const Ack ack = tell(thermometer, thermometer.bundle({{kStart + 2, 1}}));
  EXPECT_EQ(ack.life, thermometer.life());
  EXPECT_EQ(ack.through, 1u);
  expect_refused(thermometer, old, Errc::kLifeClosed, 2);
  thermometer.new_life();
  thermometer.end.reset();  // or none at all
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 3, 1}})).through, 1u);
  thermometer.set_life(before);
  expect_refused(thermometer, thermometer.stray({{kStart, 9}}), Errc::kLifeClosed, 2);
  EXPECT_EQ(log->size(), 3u);
}

TEST_F(IntakeAccept, LifeOpensEvenIfItsFirstObjectIsRefused) {
  tell(thermometer, thermometer.bundle({{kStart, 1}}));
  const auto old = thermometer.bundle({{kStart + 1, 1}});
  thermometer.new_life();
  thermometer.seq = 4;
  auto acks = send({thermometer.bundle({{kStart + 2, 1}})});
  ASSERT_EQ(acks.size(), 1u);
  const Ack& ack = acks.at(thermometer.kid());
  EXPECT_EQ(ack.life, thermometer.life());
  EXPECT_EQ(ack.through, 0u);
  EXPECT_FALSE(ack.id.has_value());
  ASSERT_EQ(ack.refused.size(), 1u);
  EXPECT_EQ(ack.refused[0].error, static_cast<std::uint64_t>(Errc::kNeedSeq));
  expect_refused(thermometer, old, Errc::kLifeClosed, 2);
}

TEST_F(IntakeAccept, AckTimeNeverFallsThoughTheClockDoes) {
  const Ack first = tell(thermometer, thermometer.bundle({{kStart, 1}}));
  now -= std::chrono::hours(2);
  const auto second = thermometer.bundle({{kStart + 1, 1}});
  EXPECT_EQ(tell(thermometer, second).time, first.time);
  EXPECT_EQ(log->head(0, now).time, first.time);
  now += std::chrono::hours(3);
  const Ack again = tell(thermometer, second);  // a group of nothing new tells a time too
  EXPECT_EQ(again.time, static_cast<std::uint64_t>(to_ms(now)));
  now -= std::chrono::hours(3);
  EXPECT_EQ(tell(thermometer, second).time, again.time);
}

TEST_F(IntakeAccept, MeetingFindsBundlesByTheirSpanInChainOrderOverAllLives) {
  const auto at = [](std::uint64_t minute) { return kStart + minute * 60000; };
  std::vector<Digest> ids;
  const auto add = [&](SimulatedDevice& d, std::uint64_t from, std::uint64_t to) {
    tell(d, d.bundle({{at(from), 1}, {at(to), 2}}));
    ids.push_back(d.id);
  };
  add(thermometer, 0, 10);
  add(door, 0, 50);
  add(thermometer, 10, 20);
  tell(thermometer, thermometer.gap(2));
  thermometer.end.reset();
  thermometer.new_life();
  add(thermometer, 15, 30);
  add(thermometer, 5, 8);  // a recorded file may be older
  const auto met = [&](std::uint64_t from, std::uint64_t to) {
    std::vector<Digest> out;
    auto stored = log->meeting(thermometer.kid(), at(from), at(to));
    EXPECT_TRUE(stored);
    for (const auto& s : *stored) out.push_back(s.id);
    return out;
  };
  using Ids = std::vector<Digest>;
  EXPECT_EQ(met(0, 60), (Ids{ids[0], ids[2], ids[3], ids[4]}));
  EXPECT_EQ(met(20, 60), (Ids{ids[2], ids[3]}));
  EXPECT_EQ(met(21, 60), (Ids{ids[3]}));
  EXPECT_EQ(met(6, 7), (Ids{ids[0], ids[4]}));
  EXPECT_EQ(met(31, 60), Ids{});
  EXPECT_EQ(met(0, 0), Ids{});
  EXPECT_TRUE(log->meeting(keeper->kid(), 0, at(60))->empty());
}

TEST_F(IntakeAccept, ReadersMayAskWhileAGroupIsTaken) {
  std::vector<bus::Message> messages;
  std::vector<Digest> ids;
  for (std::uint64_t i = 0; i < 64; ++i) {
    messages.push_back(thermometer.bundle({{kStart + i, 1}}));
    ids.push_back(thermometer.id);
  }
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const Checkpoint c = log->checkpoint();
      if (c.size == 0) continue;
      auto last = log->find(ids[c.size - 1]);
      EXPECT_TRUE(last && *last);
      auto root =
          merkle::fold_inclusion(merkle::leaf_hash(ids[0].view()), 0, c.size, log->path(0, c.size));
      EXPECT_EQ(*root, c.root);
      EXPECT_GE(log->meeting(thermometer.kid(), kStart, kStart + kHour)->size(), c.size);
    }
  });
  for (const auto& m : messages) EXPECT_TRUE(log->take({m}, now));
  done = true;
  reader.join();
  EXPECT_EQ(log->size(), 64u);
}

}  // namespace
}  // namespace lotmark::test

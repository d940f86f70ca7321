// Every error a node answers a bundle or gap with, its counter, and that nothing else happens.
#include "core/wire/limits.h"
#include "tests/unit/intake/intake_fixture.h"

namespace lotmark::test {
namespace {

using Draft = SimulatedDevice::Draft;

class IntakeRefuse : public IntakeTest {
 protected:
  void SetUp() override {
    sent = thermometer.bundle({{kStart, 420}, {kStart + 60000, 431}, {kStart + 120000, 433}});
    tell(thermometer, sent);
  }
  // The device's next bundle, changed before or after it is signed.
  bus::Message next(const SimulatedDevice::Change& before,
                    const SimulatedDevice::Change& after = {}) {
    return thermometer.stray({{kStart + 180000, 440}, {kStart + 240000, 441}}, before, after);
  }
  void expect(Errc error, const SimulatedDevice::Change& before,
              const SimulatedDevice::Change& after = {}) {
    expect_refused(thermometer, next(before, after), error, 2);
  }
  bus::Message sent;
};

TEST_F(IntakeRefuse, SeqBeyondTheNext) {
  expect_refused(thermometer, next([](Draft& d) { d.body.seq = 3; }), Errc::kNeedSeq, 3);
  const Ack ack = tell(thermometer, next([](Draft& d) { d.body.seq = 9; }));
  EXPECT_EQ(ack.through, 1u);
  EXPECT_EQ(ack.id, thermometer.end);
}

TEST_F(IntakeRefuse, PrevThatIsNotTheIdAtThePosition) {
  expect(Errc::kPrevMismatch, [](Draft& d) { d.body.prev.reset(); });
  expect(Errc::kPrevMismatch, [](Draft& d) { d.body.prev = test_chain(); });
}

TEST_F(IntakeRefuse, FirstOfALifeThatFollowsWhatThisNodeDoesNotHoldOrAnotherDevices) {
  const Digest held = *thermometer.end;
  door.end = test_chain();
  expect_refused(door, door.stray({{kStart, 1}}), Errc::kPrevMismatch, 1);
  door.end = held;
  expect_refused(door, door.stray({{kStart, 1}}), Errc::kPrevMismatch, 1);
  door.end.reset();
  EXPECT_EQ(tell(door, door.bundle({{kStart, 1}})).through, 1u);
}

TEST_F(IntakeRefuse, AnotherBundleWithASeqTakenIsKeptAsEvidenceOnce) {
  const auto other = next([](Draft& d) {
    d.body.seq = 1;
    d.body.prev.reset();
  });
  expect_refused(thermometer, other, Errc::kSeqConflict, 1);
  expect_refused(thermometer, other, Errc::kSeqConflict, 1);
  const auto rows = evidence();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind, "seq-conflict");
  EXPECT_EQ(rows[0].signer, thermometer.kid());
  EXPECT_EQ(rows[0].first, sent.payload);
  EXPECT_EQ(rows[0].second, other.payload);
}

TEST_F(IntakeRefuse, ConflictsWithoutEndFillNoDisk) {
  std::vector<bus::Message> group;
  for (std::int64_t v = 0; v < 100; ++v) {
    group.push_back(thermometer.stray({{kStart, v}}, [](Draft& d) { d.body.seq = 1; }));
  }
  const auto acks = send(group);
  EXPECT_EQ(acks.at(thermometer.kid()).refused.size(), 1u);  // one seq, one error
  EXPECT_EQ(evidence().size(), 64u);
  EXPECT_EQ(refusals["seq-conflict"], 100);
}

TEST_F(IntakeRefuse, AckNamesAtMost64Refusals) {
  std::vector<bus::Message> group;
  for (std::uint64_t seq = 3; seq < 90; ++seq) {
    group.push_back(next([&](Draft& d) { d.body.seq = seq; }));
  }
  const auto acks = send(group);
  const auto& refused = acks.at(thermometer.kid()).refused;
  ASSERT_EQ(refused.size(), limits::kAckRefusals);
  EXPECT_EQ(refused.front().seq, 3u);
  EXPECT_EQ(refused.back().seq, 66u);
  EXPECT_EQ(refusals["need-seq"], 87);
}

TEST_F(IntakeRefuse, BundleThatCrossesAWindow) {
  const auto crossing = thermometer.stray({{kStart + kHour - 1, 1}, {kStart + kHour, 1}});
  expect_refused(thermometer, crossing, Errc::kBundleCrossesWindow, 2);
  const auto fits = thermometer.bundle({{kStart + kHour, 1}, {kStart + 2 * kHour - 1, 1}});
  EXPECT_EQ(tell(thermometer, fits).through, 2u);
}

TEST_F(IntakeRefuse, ReadingsSaltsAndRootsThatDoNotAgree) {
  expect(Errc::kRootMismatch, {}, [](Draft& d) { d.wire.salt.bytes[0] ^= 1; });
  expect(Errc::kRootMismatch, {}, [](Draft& d) {
    d.wire.channels.emplace_back();
    d.body.channels.emplace_back();
  });
  expect(Errc::kRootMismatch, {}, [](Draft& d) { d.wire.channels[0] = {}; });
  expect(Errc::kAnnotation, {}, [](Draft& d) { d.wire.channels[0].quantity[0] = 439; });
  expect(Errc::kAnnotation, {}, [](Draft& d) { d.wire.channels[0].times[1] -= 1; });
  expect(Errc::kTimeOrder, {}, [](Draft& d) { d.wire.channels[0].times[1] = kStart; });
  expect(Errc::kRootMismatch, [](Draft& d) { d.body.channels[0].root->bytes[31] ^= 1; });
  expect(Errc::kAnnotation,
         [](Draft& d) { std::get<merkle::Annotation>(d.body.channels[0].annotation).max += 1; });
  // A list under a channel that says it has none.
  const auto empty = thermometer.stray({}, {}, [](Draft& d) {
    d.wire.channels[0].times = {kStart};
    d.wire.channels[0].quantity = {1};
  });
  expect_refused(thermometer, empty, Errc::kRootMismatch, 2);
}

TEST_F(IntakeRefuse, ReadingInTheMiddleChangedWithoutTouchingTheAnnotation) {
  const auto changed = thermometer.stray({{kStart, 1}, {kStart + 1, 5}, {kStart + 2, 9}}, {},
                                         [](Draft& d) { d.wire.channels[0].quantity[1] = 6; });
  expect_refused(thermometer, changed, Errc::kRootMismatch, 2);
}

TEST_F(IntakeRefuse, ValuesOfAnotherKind) {
  const auto text = next({}, [](Draft& d) {
    d.body.channels[0].kind = ChannelKind::kEpc;  // written as texts, signed as numbers
    d.wire.channels[0].epc = {"a", "b"};
  });
  expect_refused(thermometer, text, Errc::kFieldType, 2);
}

TEST_F(IntakeRefuse, KeyThatIsNotEnrolledAsADeviceHere) {
  SimulatedDevice stranger("fridge-1", 77);
  expect_unanswered(stranger.bundle({{kStart, 1}}), Errc::kDeviceUnknown);
  for (const auto kind : {EnrolmentKind::kStart, EnrolmentKind::kOperator}) {
    enrolled[stranger.kid()] = stranger.enrolled(kind);
    reopen();
    expect_unanswered(stranger.bundle({{kStart, 1}}), Errc::kDeviceUnknown);
  }
  enrolled[stranger.kid()] = stranger.enrolled();
  enrolled[stranger.kid()].organisation = "others";
  reopen();
  auto m = stranger.bundle({{kStart, 1}});
  expect_unanswered(m, Errc::kDeviceUnknown);
  m.topic = "lotmark/v1/others/fridge-1/bundle";
  expect_unanswered(m, Errc::kDeviceUnknown);
}

TEST_F(IntakeRefuse, KeyThatIsNoLongerEnrolled) {
  enrolled.erase(thermometer.kid());
  reopen();
  expect_unanswered(next({}), Errc::kDeviceUnknown);
}

TEST_F(IntakeRefuse, TopicOfAnotherDeviceOrOrganisationOrKind) {
  auto m = next({});
  for (const auto* topic :
       {"lotmark/v1/acme/door-1/bundle", "lotmark/v1/others/fridge-1/bundle",
        "lotmark/v1/acme/fridge-1/start", "lotmark/v2/acme/fridge-1/bundle", ""}) {
    m.topic = topic;
    expect_unanswered(m, Errc::kDeviceUnknown);
  }
}

TEST_F(IntakeRefuse, SignatureThatIsNotTheKeys) {
  expect(Errc::kCoseSignature, {}, [](Draft& d) { d.wire.bundle.back() ^= 1; });
  // Of a life that was never opened nobody is told.
  const auto forged = door.bundle({{kStart, 1}}, {}, [](Draft& d) { d.wire.bundle.back() ^= 1; });
  expect_unanswered(forged, Errc::kCoseSignature);
  EXPECT_EQ(tell(door, door.bundle({{kStart, 1}},
                                   [](Draft& d) {
                                     d.body.seq = 1;
                                     d.body.prev.reset();
                                   }))
                .through,
            1u);
}

TEST_F(IntakeRefuse, ForgedBundleOpensAndClosesNoLife) {
  const LifeId life = thermometer.life();
  thermometer.new_life();
  auto forged = thermometer.stray({{kStart, 1}}, {}, [](Draft& d) { d.wire.bundle.back() ^= 1; });
  expect_unanswered(forged, Errc::kCoseSignature);
  thermometer.set_life(life);
  thermometer.seq = 1;
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 180000, 1}})).through, 2u);
}

TEST_F(IntakeRefuse, ObjectsOfAnotherChainOrType) {
  thermometer.chain = Digest{};
  expect_unanswered(next({}), Errc::kCoseChain);
  thermometer.chain = test_chain();
  Start start;
  start.device = thermometer.kid();
  start.machine = "filler";
  expect_unanswered(thermometer.message(seal(start, thermometer.signer(), test_chain())->bytes),
                    Errc::kCoseType);
  Draft d = thermometer.draft({{kStart, 1}});  // a bundle without its wire
  expect_unanswered(thermometer.message(seal(d.body, thermometer.signer(), test_chain())->bytes),
                    Errc::kCoseType);
  thermometer.seal_draft(d);
  d.wire.bundle = seal(thermometer.gap_draft(1), thermometer.signer(), test_chain())->bytes;
  expect_unanswered(thermometer.message(encode_wire(d.wire, d.body.channels)), Errc::kCoseType);
}

TEST_F(IntakeRefuse, BytesThatAreNoWireAndNoObject) {
  expect_unanswered(thermometer.message({}), Errc::kCborTruncated);
  expect_unanswered(thermometer.message({0xd2}), Errc::kCborTruncated);
  expect_unanswered(thermometer.message({0xa0}), Errc::kFieldType);
  expect_unanswered(thermometer.message(Bytes(limits::kBundleWire + 1, 0)), Errc::kObjectTooLarge);
  Bytes gap(limits::kObject + 1, 0);
  gap[0] = 0xd2;
  expect_unanswered(thermometer.message(gap), Errc::kObjectTooLarge);
  auto m = next({});
  m.payload.push_back(0);
  expect_unanswered(m, Errc::kCborTrailing);
  m.payload.resize(m.payload.size() - 2);
  expect_unanswered(m, Errc::kCborTruncated);
}

TEST_F(IntakeRefuse, DeviceThatIsNotTheSigner) {
  expect_unanswered(next([&](Draft& d) { d.body.device = door.kid(); }), Errc::kCoseKid);
  expect_unanswered(next([](Draft& d) { d.body.to += 1; }), Errc::kTimeOrder);
  expect_unanswered(next([](Draft& d) { d.body.seq = 0; }), Errc::kFieldRange);
}

TEST_F(IntakeRefuse, OneBadMessageDoesNotHoldUpItsGroup) {
  auto acks = send({thermometer.message({0xff}), thermometer.bundle({{kStart + 200000, 1}}),
                    next([](Draft& d) { d.body.seq = 40; }), door.bundle({{kStart, 1}})});
  EXPECT_EQ(acks.at(thermometer.kid()).through, 2u);
  EXPECT_EQ(acks.at(thermometer.kid()).refused.size(), 1u);
  EXPECT_EQ(acks.at(door.kid()).through, 1u);
  EXPECT_TRUE(acks.at(door.kid()).refused.empty());
  EXPECT_EQ(refusals["cbor-indefinite"], 1);
}

TEST_F(IntakeRefuse, WindowOfNoSecondsIsAFaultOfConfiguration) {
  EXPECT_EQ(node::IntakeLog::open(file, *keeper, test_chain(), {kOrganisation, 0}).code(),
            Errc::kConfig);
}

TEST_F(IntakeRefuse, ARevokedKeyIsToldSoAndItsBundlesStayOut) {
  log->update(enrolled, newest, {thermometer.kid()});
  const auto size = log->size();
  const auto answer = log->take({next({})}, now);
  ASSERT_TRUE(answer && answer->size() == 1);
  const auto ack = open<Ack>(answer->front().payload, test_chain());
  ASSERT_EQ(ack->body.refused.size(), 1u);
  EXPECT_EQ(ack->body.refused[0].error, static_cast<std::uint64_t>(Errc::kKeyRevoked));
  EXPECT_EQ(ack->body.through, 1u);
  EXPECT_EQ(log->size(), size);
  log->update(enrolled, newest);
  EXPECT_EQ(tell(thermometer, next({})).through, 2u) << "a revocation that was taken back";
}

class IntakeSuccessor : public IntakeTest {
 protected:
  SimulatedDevice fresh{"fridge-1", 21};
  void SetUp() override {
    tell(thermometer, thermometer.bundle({{kStart, 420}}));
    enrolled[fresh.kid()] = fresh.enrolled();
    enrolled[fresh.kid()].predecessor = thermometer.kid();
    log->update(enrolled, newest);
  }
};

TEST_F(IntakeSuccessor, ANewKeyGoesOnWhereTheOldOneStoppedAndEndsItsLife) {
  fresh.end = thermometer.end;
  EXPECT_EQ(tell(fresh, fresh.bundle({{kStart + 60000, 421}})).through, 1u);
  expect_unanswered(thermometer.bundle({{kStart + 120000, 422}}), Errc::kLifeClosed);
  EXPECT_EQ(tell(fresh, fresh.bundle({{kStart + 120000, 422}})).through, 2u);
}

TEST_F(IntakeSuccessor, TheOldKeyGoesOnUntilTheNewOneSpeaks) {
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 60000, 421}})).through, 2u);
}

TEST_F(IntakeSuccessor, TheOldKeyBeginsAnewUntilTheNewOneSpeaksAndNeverAfter) {
  thermometer.new_life();
  EXPECT_EQ(tell(thermometer, thermometer.bundle({{kStart + 60000, 421}})).through, 1u);
  fresh.end = thermometer.end;
  EXPECT_EQ(tell(fresh, fresh.bundle({{kStart + 120000, 422}})).through, 1u);
  thermometer.new_life();
  expect_unanswered(thermometer.bundle({{kStart + 180000, 423}}), Errc::kLifeClosed);
  EXPECT_EQ(tell(fresh, fresh.bundle({{kStart + 180000, 423}})).through, 2u);
}

TEST_F(IntakeSuccessor, AKeyThatWasTakenOverBeforeItSpokeNeverDoes) {
  SimulatedDevice newest_key("fridge-1", 22);
  enrolled[newest_key.kid()] = newest_key.enrolled();
  enrolled[newest_key.kid()].predecessor = fresh.kid();
  log->update(enrolled, newest);
  newest_key.end = thermometer.end;
  EXPECT_EQ(tell(newest_key, newest_key.bundle({{kStart + 60000, 421}})).through, 1u);
  expect_unanswered(fresh.bundle({{kStart + 120000, 422}}), Errc::kLifeClosed);
}

TEST_F(IntakeSuccessor, NobodyElseGoesOnAnothersLog) {
  door.end = thermometer.end;
  expect_refused(door, door.stray({{kStart, 1}}), Errc::kPrevMismatch, 1);
}

}  // namespace
}  // namespace lotmark::test

// Segments sealed where a step is prepared, and opened where the release record and the author need them.
#include <fstream>
#include <sstream>

#include "core/merkle/tree.h"
#include "core/sealed/cose_encrypt.h"
#include "core/wire/cbor_reader.h"
#include "tests/must.h"
#include "tests/unit/enterprise/sealed_plant.h"

namespace lotmark::test {
namespace {

using Json = nlohmann::json;

const std::string kSteps = "batches/A-2026%2F01/steps";

class Sealing : public testing::Test {
 protected:
  // One step that waits for its slot.
  void prepare_one(Json notes = SealedPlant::notes(), const sealed::OpeningKey* author = nullptr) {
    Plant& p = s.plant;
    if (!opened_) p.open_batch();
    if (!opened_) p.tick_until(9);
    if (!opened_) p.measure(0, 8);
    opened_ = true;
    p.c.clock.advance(Millis{1});
    Json r = {
        {"step", "filling"}, {"start", p.ms(1)}, {"end", p.ms(7)}, {"notes", std::move(notes)}};
    if (author != nullptr) r["reader"] = to_hex(author->public_key());
    prepared = p.json("POST", kSteps, r, p.c.qa);
  }
  std::vector<Segment> entries() const {
    std::vector<Segment> out;
    for (const auto& e : prepared["entries"])
      out.push_back(must(decode<Segment>(*from_hex(e.get<std::string>()))));
    return out;
  }
  Digest commitment() const {
    return *fixed_from_hex<Digest>(prepared["commitment"].get<std::string>());
  }
  std::string stored() const {
    std::string out;
    for (const char* name : {"private.db", "private.db-wal"}) {
      std::ifstream in(s.plant.file(name), std::ios::binary);
      std::ostringstream bytes;
      bytes << in.rdbuf();
      out += bytes.str();
    }
    return out;
  }

  SealedPlant s;
  Json prepared;

 private:
  bool opened_ = false;
};

TEST_F(Sealing, WhatIsNotPublicStandsSealedAndEachReaderOpensWhatIsForIt) {
  prepare_one();
  const auto shown = entries();
  ASSERT_EQ(shown.size(), 4u);  // a claim and three notes
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(sealed::is_sealed(shown[i])) << i;
  EXPECT_EQ(as_text(shown[3].content), SealedPlant::kPublic);
  EXPECT_EQ(shown[2].audience, Audience::kPartner) << "whom it is for is no secret";
  const auto opened = [&](const sealed::OpeningKey& by, std::uint64_t i) -> std::string {
    for (const auto& k : s.keys_of(commitment(), by.kid())) {
      if (k.segment != i) continue;
      const auto content = must(sealed::unwrap(k.recipient, by));
      return std::string(
          as_text(must(sealed::open_segment(s.plant.c.chain, shown[i], content)).content));
    }
    return "nothing";
  };
  for (const auto& by : {s.own, s.east, s.west}) {
    EXPECT_EQ(opened(*by, 1), SealedPlant::kSecret);
    EXPECT_EQ(opened(*by, 2), SealedPlant::kPartners);
  }
  EXPECT_EQ(opened(*s.partner, 2), SealedPlant::kPartners);
  EXPECT_EQ(opened(*s.partner, 1), "nothing");
}

TEST_F(Sealing, TheAuthorOpensWhatItSignsByAKeyOfItsOwn) {
  const auto author = opening_key(120);
  prepare_one(SealedPlant::notes(), author.get());
  const auto shown = entries();
  const auto& recipients = prepared["recipients"];
  ASSERT_EQ(recipients.size(), shown.size());
  EXPECT_TRUE(recipients[3].is_null());
  const auto content = must(sealed::unwrap(*from_hex(recipients[1].get<std::string>()), *author));
  EXPECT_EQ(as_text(must(sealed::open_segment(s.plant.c.chain, shown[1], content)).content),
            SealedPlant::kSecret);
  EXPECT_TRUE(s.keys_of(commitment(), author->kid()).empty()) << "it is not kept";
  prepare_one();
  EXPECT_FALSE(prepared.contains("recipients"));
}

TEST_F(Sealing, AReaderThatIsNoPointIsRefused) {
  prepare_one();
  Json r = {{"step", "filling"}, {"start", s.plant.ms(1)}, {"end", s.plant.ms(7)}};
  r["reader"] = "04" + std::string(128, '1');
  EXPECT_EQ(s.plant.refusal("POST", kSteps, r, s.plant.c.qa), "usage");
}

TEST_F(Sealing, KeysOfADraftGoWhenItIsReplacedAndStayWithItsRecord) {
  prepare_one();
  const Digest first = commitment();
  EXPECT_EQ(s.keys_of(first, s.own->kid()).size(), 3u);
  prepare_one();
  EXPECT_TRUE(s.keys_of(first, s.own->kid()).empty());
  ASSERT_EQ(s.keys_of(commitment(), s.own->kid()).size(), 3u);
  Plant& p = s.plant;
  const auto object = must(seal_payload("record", *from_hex(prepared["payload"].get<std::string>()),
                                        *p.c.qa.signer, &p.c.chain));
  p.json("POST", kSteps + "/" + prepared["commitment"].get<std::string>(),
         {{"record_object", to_hex(object.bytes)}}, p.c.qa);
  p.tick_until(21);
  const auto rows = s.records();
  const auto placed = std::ranges::find_if(
      rows, [&](const auto& r) { return r.record.commitment == commitment(); });
  ASSERT_NE(placed, rows.end()) << "it took a slot";
  EXPECT_EQ(s.keys_of(commitment(), s.own->kid()).size(), 3u);
}

TEST_F(Sealing, ASecretIsNowhereInTheFilesAndTheReleaseRecordShowsWhatItMay) {
  s.run();
  const std::string bytes = stored();
  EXPECT_EQ(bytes.find(SealedPlant::kSecret), std::string::npos);
  EXPECT_EQ(bytes.find(SealedPlant::kPartners), std::string::npos);
  EXPECT_NE(bytes.find(SealedPlant::kPublic), std::string::npos)
      << "the search finds what is there";
  const auto rows = s.records();
  ASSERT_EQ(rows.back().record.head.kind, RecordKind::kRelease);
  std::size_t claims = 0;
  for (const auto& entry : rows.back().record.segments) {
    const auto segment = must(decode<Segment>(entry));
    EXPECT_EQ(segment.audience, Audience::kPublic);
    EXPECT_NE(as_text(segment.content), SealedPlant::kSecret);
    claims += segment.media == kClaimMedia ? 1 : 0;
  }
  EXPECT_EQ(claims, 3u) << "claims of steps that are sealed, opened for the record";
}

TEST_F(Sealing, WithoutItEverythingStandsInTheClear) {
  s.plant.sealing = nullptr;
  s.plant.reopen();
  prepare_one();
  for (const auto& segment : entries()) EXPECT_FALSE(sealed::is_sealed(segment));
  EXPECT_NE(stored().find(SealedPlant::kSecret), std::string::npos);
}

TEST_F(Sealing, ANodeWithAnotherKeyMakesNoReleaseRecord) {
  Plant& p = s.plant;
  prepare_one();
  const auto object = must(seal_payload("record", *from_hex(prepared["payload"].get<std::string>()),
                                        *p.c.qa.signer, &p.c.chain));
  p.json("POST", kSteps + "/" + prepared["commitment"].get<std::string>(),
         {{"record_object", to_hex(object.bytes)}}, p.c.qa);
  auto rules = s.rules();
  rules.own = opening_key(111);
  p.sealing = std::make_shared<const chain::SealingRules>(std::move(rules));
  p.reopen();
  p.tick_until(61);
  const std::string trouble = p.batch().value("trouble", "");
  EXPECT_NE(trouble.find("not wrapped for " + to_hex(opening_key(111)->kid())), std::string::npos)
      << trouble;
  EXPECT_EQ(s.records().size(), 6u) << "all slots, and no release record";
}

TEST_F(Sealing, AReviewerWhoseKeyIsNotKnownIsToldOfBeforeSigning) {
  auto rules = s.rules();
  rules.readers.erase(rules.readers.begin());
  s.plant.sealing = std::make_shared<const chain::SealingRules>(std::move(rules));
  s.plant.reopen();
  prepare_one();
  const std::string warnings = prepared["warnings"].dump();
  EXPECT_NE(warnings.find("drug-east has no reader's key here"), std::string::npos) << warnings;
  EXPECT_EQ(warnings.find("drug-west"), std::string::npos) << warnings;
}

TEST_F(Sealing, AReviewersEndBeforeTheLotsLastDeadlineIsToldOfBeforeSigning) {
  for (const bool early : {true, false}) {
    auto rules = s.rules();
    rules.readers[0].until = s.plant.ms(early ? 60 : 1000);  // the last slot is at minute 60
    rules.readers[2].until = s.plant.ms(60);                 // a partner reviews nothing
    s.plant.sealing = std::make_shared<const chain::SealingRules>(std::move(rules));
    s.plant.reopen();
    prepare_one();
    const std::string warnings = prepared["warnings"].dump();
    EXPECT_EQ(warnings.find("reader drug-east ends") != std::string::npos, early) << warnings;
    EXPECT_EQ(warnings.find("partner ends"), std::string::npos) << warnings;
  }
}

TEST_F(Sealing, ANoteThatLeavesNoRoomForItsSealIsRefused) {
  prepare_one();
  Json r = {{"step", "filling"}, {"start", s.plant.ms(1)}, {"end", s.plant.ms(7)}};
  r["notes"] = {{{"name", "long"}, {"text", std::string(65500, 'x')}}};
  EXPECT_EQ(s.plant.refusal("POST", kSteps, r, s.plant.c.qa), "segment-size");
}

// ---- rows for a reviewer ---------------------------------------------------------------------

class SealedRows : public Sealing {
 protected:
  SealedRows() { s.run(); }
  node::Reply rows(const std::string& query, const Party& by) {
    node::Call call{"GET", "/peer/v1/batches/" + to_hex(s.start()) + "/rows" + query, {}, {}};
    const Member* member = s.plant.chain().member(by.kid());
    const auto route = must(node::parse_route(call.path));
    return *s.plant.engine().peer(route, call, *member, s.plant.c.clock.now());
  }
  // Places of each row, and recipients of all.
  std::pair<std::size_t, std::size_t> shape(const node::Reply& reply) {
    const auto doc = must(CborDoc::parse(reply.body));
    const auto list = doc.root().first().next().next();
    std::size_t recipients = 0;
    CborValue row = list.first();
    const std::size_t places = row.count();
    for (std::size_t i = 0; i < list.count(); ++i, row = row.next()) {
      CborValue v = row.first();
      for (int k = 0; k < 6 && places == 7; ++k) v = v.next();
      if (places == 7) recipients += v.count();
    }
    return {places, recipients};
  }
};

TEST_F(SealedRows, HoldTheRecipientsOfTheReaderThatAsksAndNoOthers) {
  EXPECT_EQ(shape(rows("", s.plant.c.east)), (std::pair<std::size_t, std::size_t>(6, 0)));
  const auto reply = rows("?reader=" + to_hex(s.east->kid()), s.plant.c.east);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(shape(reply), (std::pair<std::size_t, std::size_t>(7, 6)))
      << "a claim and two notes; two claims of storage; a claim of packing";
  const std::string body(as_text(reply.body));
  EXPECT_NE(body.find(as_text(s.east->kid().view())), std::string::npos);
  EXPECT_EQ(body.find(as_text(s.west->kid().view())), std::string::npos);
  EXPECT_EQ(shape(rows("?reader=" + to_hex(opening_key(99)->kid()), s.plant.c.east)).second, 0u);
}

TEST_F(SealedRows, AReaderThatIsNoKidIsRefused) {
  EXPECT_EQ(rows("?reader=somebody", s.plant.c.east).error->code, Errc::kUsage);
}

TEST_F(SealedRows, WhatIsOverIsGivenOutNoMoreButToReviewersOfTheLot) {
  const auto until = unix_ms(s.plant.c.clock.now()) + 1000;
  for (const auto& key : {s.east, s.partner})
    s.plant.json("POST", "rewraps", {{"reader", to_hex(key->public_key())}, {"until", until}},
                 s.plant.c.qa);
  const std::string partner = "?reader=" + to_hex(s.partner->kid());
  const std::string reviewer = "?reader=" + to_hex(s.east->kid());
  const auto before = shape(rows(partner, s.plant.c.east)).second;
  EXPECT_GT(before, 0u);
  s.plant.c.clock.advance(Millis{1000});
  EXPECT_EQ(shape(rows(partner, s.plant.c.east)).second, 0u);
  EXPECT_EQ(shape(rows(reviewer, s.plant.c.east)).second, 6u);
}

}  // namespace
}  // namespace lotmark::test

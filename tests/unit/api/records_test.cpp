// Records by their commitment, over HTTP: what each reader sees of them, and sealed segments for the reader that is named.
#include "cli/sealed/record_file.h"
#include "core/merkle/tree.h"
#include "core/sealed/cose_encrypt.h"
#include "ledger-node/chain/private/batch_store.h"
#include "tests/must.h"
#include "tests/unit/api/site.h"

namespace lotmark::api::test {
namespace {

using lotmark::test::must;

// A record with a segment of each sort, in the rows as the node has them.
class RecordsServed : public Site {
 protected:
  enum : std::uint64_t { kPublicNote, kPartnerClear, kRegulatorClear, kPartnerSealed, kSealed };

  RecordsServed() : db(must(store::Database::open(folder.private_db()))) {
    add(plain(Audience::kPublic, "for everybody"));
    add(plain(Audience::kPartner, "PARTNER IN THE CLEAR"));
    add(plain(Audience::kRegulator, "REGULATOR IN THE CLEAR"));
    seal(plain(Audience::kPartner, "PARTNER SEALED"));
    seal(plain(Audience::kRegulator, "REGULATOR SEALED"));
    store_record();
  }

  static Segment plain(Audience audience, std::string_view text) {
    return {Salt{{1}}, "note", audience, "text/plain", to_bytes(as_bytes(text))};
  }
  void add(const Segment& segment) { entries.push_back(encode(segment)); }
  void seal(const Segment& segment) {
    auto sealing = must(sealed::seal_segment(node.chain, segment));
    entries.push_back(sealing.entry);
    content_keys.emplace(entries.size() - 1, std::move(sealing.key));
  }
  void store_record() {
    head.step = "fill";
    head.time = 1'798'000'000'000;
    head.author = KeyId{{7}};
    head.segments = entries.size();
    commitment = lotmark::commitment(node.chain, start, head, segments_root(entries));
    auto q =
        must(db.prepare("INSERT INTO record(start, n, commitment, head, segments, object, "
                        "evidence, time, previous, hash) VALUES(?, 0, ?, ?, ?, x'00', x'00', "
                        "?, x'00', x'00')"));
    q.bind(1, start).bind(2, commitment).bind(3, encode(head));
    must(q.bind(4, chain::encode_segments(entries)).bind(5, head.time).run());
  }
  // As the node wraps a content key for a reader.
  void wrap_for(const sealed::OpeningKey& reader, std::uint64_t segment,
                std::optional<std::int64_t> until = {}) {
    auto q =
        must(db.prepare("INSERT INTO segment_key(commitment, segment, reader, recipient, made, "
                        "until) VALUES(?, ?, ?, ?, 0, ?)"));
    q.bind(1, commitment).bind(2, segment).bind(3, reader.kid());
    must(q.bind(4, must(sealed::wrap(content_keys.at(segment), reader.reader())))
             .bind(5, until)
             .run());
  }
  std::string path() const { return "/lotmark/v1/records/" + to_hex(commitment); }
  std::string path(std::uint64_t segment, const sealed::OpeningKey* reader = nullptr) const {
    return path() + "/segments/" + std::to_string(segment) +
           (reader != nullptr ? "?reader=" + to_hex(reader->kid()) : "");
  }
  static http::Headers by(char role) { return certificate("yunhe/" + std::string(1, role)); }
  // Statuses of the segments one by one for a caller.
  std::vector<int> statuses(char role, const sealed::OpeningKey& reader) {
    std::vector<int> out;
    for (std::uint64_t i = 0; i < entries.size(); ++i)
      out.push_back(send("GET", path(i, &reader), by(role)).status);
    return out;
  }

  store::Database db;
  const Digest start{{9}};
  RecordHead head;
  Digest commitment;
  std::vector<Bytes> entries;
  std::map<std::uint64_t, sealed::ContentKey> content_keys;
  sealed::OpeningKey mine = must(sealed::OpeningKey::from(new_scalar()));
  sealed::OpeningKey other = must(sealed::OpeningKey::from(new_scalar()));
};

TEST_F(RecordsServed, GiveHeadAndLeavesThatMakeTheCommitment) {
  for (const char role : {'R', 'P', 'G', 'A'}) {
    const auto r = send("GET", path(), by(role));
    ASSERT_EQ(r.status, 200) << as_text(r.body);
    const auto record = cli::read_record_file(r.body, node.chain);
    ASSERT_TRUE(record) << record.error().message();
    EXPECT_EQ(record->commitment, commitment);
    EXPECT_EQ(record->leaves[kSealed], merkle::leaf_hash(entries[kSealed]));
    EXPECT_EQ(r.headers.at("cache-control"), "no-store");
  }
}

TEST_F(RecordsServed, ShowTheOrganisationAndRegulatorsWhatIsInTheClear) {
  for (const char role : {'R', 'G', 'A'}) {
    const auto segments = json_of(send("GET", path(), by(role)))["segments"];
    for (const auto i : {kPublicNote, kPartnerClear, kRegulatorClear})
      EXPECT_EQ(segments[i]["entry"], to_hex(entries[i])) << role << i;
    EXPECT_EQ(segments[kSealed]["name"], "sealed");
    EXPECT_FALSE(segments[kSealed].contains("entry"));
  }
}

TEST_F(RecordsServed, ShowAPartnerNoMoreThanPublicSegmentsAndLeaves) {
  wrap_for(mine, kSealed);
  const auto r = send("GET", path() + "?reader=" + to_hex(mine.kid()), by('P'));
  const auto segments = json_of(r)["segments"];
  EXPECT_EQ(segments[kPublicNote]["entry"], to_hex(entries[kPublicNote]));
  for (const auto i : {kPartnerClear, kRegulatorClear, kSealed}) {
    EXPECT_EQ(segments[i],
              nlohmann::json({{"index", i}, {"leaf", to_hex(merkle::leaf_hash(entries[i]))}}));
  }
  EXPECT_EQ(segments[kPartnerSealed]["audience"], "partner");
  const std::string text(as_text(r.body));
  EXPECT_EQ(text.find(to_hex(as_bytes("IN THE CLEAR"))), std::string::npos);
  EXPECT_EQ(statuses('P', mine), (std::vector<int>{200, 403, 403, 403, 403}));
}

TEST_F(RecordsServed, GiveASealedSegmentToTheReaderThatIsNamed) {
  wrap_for(mine, kSealed);
  wrap_for(other, kSealed);
  const auto listed = json_of(send("GET", path() + "?reader=" + to_hex(mine.kid()), by('G')));
  const auto& one = listed["segments"][kSealed];
  EXPECT_EQ(one["reader"], to_hex(mine.kid()));
  EXPECT_TRUE(one["until"].is_null());
  EXPECT_FALSE(listed["segments"][kPartnerSealed].contains("href"));
  const auto r = send("GET", one["href"], by('G'));
  ASSERT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, sealed::kCoseEncryptMedia);
  const auto envelope = must(sealed::read_cose_encrypt(r.body));
  EXPECT_EQ(encode(envelope.sealed), entries[kSealed]);
  ASSERT_EQ(envelope.recipients.size(), 1u) << "no other reader's";
  const auto opened = must(sealed::open_envelope(node.chain, envelope, mine));
  EXPECT_EQ(as_text(opened.content), "REGULATOR SEALED");
  EXPECT_EQ(sealed::open_envelope(node.chain, envelope, other).code(), Errc::kSealReader);
}

TEST_F(RecordsServed, GiveAPartnerWhatIsSealedForItsKey) {
  wrap_for(mine, kPartnerSealed);
  const auto r = send("GET", path(kPartnerSealed, &mine), by('P'));
  ASSERT_EQ(r.status, 200);
  const auto envelope = must(sealed::read_cose_encrypt(r.body));
  EXPECT_EQ(as_text(must(sealed::open_envelope(node.chain, envelope, mine)).content),
            "PARTNER SEALED");
  EXPECT_EQ(send("GET", path(kPartnerSealed, &other), by('P')).status, 403);
  EXPECT_EQ(send("GET", path(kPartnerSealed), by('P')).status, 400) << "names no reader";
}

TEST_F(RecordsServed, GiveNothingOnceTheRecipientsEndHasCome) {
  const auto end = clock.now() + Millis(1000);
  wrap_for(mine, kSealed, to_ms(end));
  const auto listed = [&] {
    const auto j = json_of(send("GET", path() + "?reader=" + to_hex(mine.kid()), by('G')));
    return j["segments"][kSealed];
  };
  EXPECT_EQ(listed()["until"], to_ms(end));
  EXPECT_EQ(send("GET", path(kSealed, &mine), by('G')).status, 200);
  clock.set(end);
  EXPECT_FALSE(listed().contains("href"));
  const auto r = send("GET", path(kSealed, &mine), by('G'));
  EXPECT_EQ(r.status, 403);
  EXPECT_EQ(json_of(r)["error"], "seal-reader");
}

TEST_F(RecordsServed, GiveSegmentsInTheClearByThemselves) {
  const auto r = send("GET", path(kRegulatorClear), by('G'));
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.body, entries[kRegulatorClear]);
  EXPECT_EQ(statuses('R', mine), (std::vector<int>{200, 200, 200, 403, 403}));
}

TEST_F(RecordsServed, OfThePeriodChainAreThereToo) {
  RecordHead own = head;
  own.step.reset();
  own.kind = RecordKind::kPeriod;
  own.segments = 1;
  const std::vector<Bytes> one = {entries[0]};
  const Digest of_period =
      lotmark::commitment(node.chain, PeriodScope{"yunhe", 41}, own, segments_root(one));
  auto q =
      must(db.prepare("INSERT INTO period_record(period, commitment, head, segments, object, "
                      "time, previous, hash, tx_id, tx) VALUES(41, ?, ?, ?, x'00', 0, x'00', "
                      "x'00', x'00', x'00')"));
  must(q.bind(1, of_period).bind(2, encode(own)).bind(3, chain::encode_segments(one)).run());
  const auto r = send("GET", "/lotmark/v1/records/" + to_hex(of_period), by('R'));
  ASSERT_EQ(r.status, 200);
  EXPECT_TRUE(cli::read_record_file(r.body, node.chain));
}

TEST_F(RecordsServed, WhoMayNotAskLearnsNothing) {
  wrap_for(mine, kSealed);
  EXPECT_EQ(send("GET", path()).status, 401);
  EXPECT_EQ(send("GET", path(), by('C')).status, 403);
  EXPECT_EQ(send("GET", path(kSealed, &mine), by('Y')).status, 403);
  EXPECT_EQ(send("OPTIONS", path()).status, 204);
}

TEST_F(RecordsServed, AddressesThatNameNothingAreRefused) {
  const std::string unknown = "/lotmark/v1/records/" + std::string(64, '0');
  EXPECT_EQ(send("GET", unknown, by('R')).status, 404);
  EXPECT_EQ(send("GET", unknown + "/segments/0", by('R')).status, 404);
  EXPECT_EQ(send("GET", path(5), by('R')).status, 404);
  for (const std::string& target :
       {path() + "x", path() + "/segments/x", path() + "/segments/-1", path() + "/segments/0001",
        path() + "/segments/0x0", path() + "?reader=1", path() + "?reader=%zz",
        path() + "?reader=" + to_hex(mine.kid()) + "&reader=" + to_hex(mine.kid()),
        path() + "?reader=" + std::string(32, 'g')}) {
    EXPECT_EQ(send("GET", target, by('R')).status, 400) << target;
  }
  EXPECT_EQ(send("GET", path() + "/segments/1/2", by('R')).status, 404);
  EXPECT_EQ(send("GET", path() + "/other/1", by('R')).status, 404);
}

TEST_F(RecordsServed, EveryReadIsLogged) {
  wrap_for(mine, kSealed);
  send("GET", path(kSealed, &mine), by('G'));
  const auto entries_logged = log();
  ASSERT_EQ(entries_logged.size(), 1u);
  EXPECT_EQ(entries_logged[0].entry.route, "/lotmark/v1/records/{commitment}/segments/{index}");
  EXPECT_EQ(entries_logged[0].entry.target, path(kSealed, &mine));
  EXPECT_EQ(entries_logged[0].entry.status, 200u);
  node.stop();
  EXPECT_EQ(send("GET", path(), by('G')).status, 503) << "nor is the read logged any more";
}

TEST_F(RecordsServed, ADamagedRowIsOurFaultAndTellsNothing) {
  must(db.exec("UPDATE record SET segments = x'ff'"));
  const auto r = send("GET", path(), by('R'));
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(as_text(r.body).find("CLEAR"), std::string_view::npos);
}

}  // namespace
}  // namespace lotmark::api::test

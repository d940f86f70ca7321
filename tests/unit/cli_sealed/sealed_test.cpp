// `lotmark key reader` and `lotmark segment open`, over the sealed segments of tests/vectors/sealed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/merkle/tree.h"
#include "tests/unit/cli/run.h"
#include "tests/unit/sealed/sealed_vectors.h"

namespace lotmark::cli::test {
namespace {

using lotmark::test::hex;
using lotmark::test::must;
using lotmark::test::sealed_vectors;
using lotmark::test::vector_chain;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class SealedCommand : public ::testing::Test {
 protected:
  SealedCommand() {
    save("anchor.cbor", hex(lotmark::test::contract("receipt.json")["anchor"]));
    for (const char* reader : {"reviewer", "regulator", "stranger"}) {
      must(write_key_file(
          dir_ / (std::string(reader) + ".key"),
          lotmark::test::scalar_from(hex(sealed_vectors()["readers"][reader]["scalar"]))));
    }
  }
  void save(const std::string& name, ByteView bytes) {
    write(dir_ / name, std::string(as_text(bytes)));
  }
  // The vectors' segment of that name in a file.
  const json& sealed(const std::string& name) {
    for (const auto& c : sealed_vectors()["sealed"]) {
      if (c["name"] != name) continue;
      save("s.cose", hex(c["cose"]));
      return c;
    }
    LM_ASSERT(false);
    return sealed_vectors();
  }
  Ran open(const std::string& reader, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {
        "segment",           "open", dir_ / "s.cose", "--key", dir_ / (reader + ".key"), "--anchor",
        dir_ / "anchor.cbor"};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }
  // The API's answer on a record that holds the segment at place 1.
  json record_with(const Bytes& entry) {
    const std::vector<Bytes> entries = {Bytes{1}, entry, Bytes{3}};
    RecordHead head;
    head.step = "fill";
    head.time = 1'770'000'000'000;
    head.author = KeyId{{7}};
    head.segments = entries.size();
    const Digest start{{9}};
    json out = {
        {"commitment", to_hex(commitment(vector_chain(), start, head, segments_root(entries)))},
        {"chain", to_hex(vector_chain())},
        {"scope", {{"start", to_hex(start)}}},
        {"head",
         {{"step", "fill"},
          {"kind", "step"},
          {"time", head.time},
          {"author", to_hex(head.author)},
          {"corrects", nullptr},
          {"segments", 3}}}};
    for (const auto& e : entries) {
      out["segments"].push_back(
          {{"index", out["segments"].size()}, {"leaf", to_hex(merkle::leaf_hash(e))}});
    }
    return out;
  }

  TempDir dir_;
};

TEST_F(SealedCommand, MakesAReadersKeyPair) {
  const Ran made = lotmark({"key", "reader", "--out", dir_ / "r.key", "--json"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const auto j = json::parse(made.out);
  const auto key = must(sealed::OpeningKey::from(must(read_key_file(dir_ / "r.key"))));
  EXPECT_EQ(j["kid"], to_hex(key.kid()));
  EXPECT_EQ(j["public_key"], to_hex(key.public_key()));
  EXPECT_EQ(read(dir_ / "r.key.pub"), to_hex(key.public_key()) + "\n");
  const auto mode = std::filesystem::status(dir_ / "r.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string kept = read(dir_ / "r.key");
  EXPECT_EQ(lotmark({"key", "reader", "--out", dir_ / "r.key"}).exit, 1);
  EXPECT_EQ(read(dir_ / "r.key"), kept);
  EXPECT_THAT(made.out + made.err, Not(HasSubstr(kept.substr(60, 30))));
}

TEST_F(SealedCommand, SaysThatAPublicKeyIsThePublicHalf) {
  ASSERT_EQ(lotmark({"key", "reader", "--out", dir_ / "r.key"}).exit, 0);
  sealed("a note for one");
  const auto try_public = [&] {
    return lotmark({"segment", "open", dir_ / "s.cose", "--key", dir_ / "r.key.pub", "--anchor",
                    dir_ / "anchor.cbor"});
  };
  for (const auto mode : {std::filesystem::perms(0644), std::filesystem::perms(0600)}) {
    std::filesystem::permissions(dir_ / "r.key.pub", mode);
    const Ran ran = try_public();
    EXPECT_NE(ran.exit, 0);
    EXPECT_THAT(ran.err, HasSubstr("the private one is wanted, " + (dir_ / "r.key") + "\n"));
    EXPECT_THAT(ran.err, Not(HasSubstr("chmod")));
  }
}

TEST_F(SealedCommand, SaysWhatIsNoSealedSegment) {
  sealed("a note for one");
  save("s.cose", as_bytes(R"({"type":"about:blank","title":"Forbidden","status":403})"));
  Ran ran = open("regulator");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("it is JSON"));
  Segment plain;
  plain.name = "batch sheet";
  plain.media = "text/plain";
  plain.content = {'o', 'k'};
  save("s.cose", encode(plain));
  ran = open("regulator");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("not sealed"));
  save("s.cose", hex(sealed("a note for one")["entry"]));
  EXPECT_THAT(open("regulator").err, HasSubstr("?reader=KID"));
  save("s.cose", Bytes(40));
  ran = open("regulator");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, Not(HasSubstr("JSON")));
}

TEST_F(SealedCommand, MakesNoKeyWhereThePublicPartIsThere) {
  write(dir_ / "r.key.pub", "other");
  EXPECT_EQ(lotmark({"key", "reader", "--out", dir_ / "r.key"}).exit, 1);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "r.key"));
}

TEST_F(SealedCommand, OpensANoteAsText) {
  const auto& c = sealed("a note for one");
  const Ran ran = open("regulator");
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("低温"));
  EXPECT_THAT(ran.out, HasSubstr("text/plain"));
  EXPECT_THAT(ran.out, HasSubstr("partner"));
  EXPECT_THAT(ran.out, HasSubstr(c["leaf"].get<std::string>()));
}

TEST_F(SealedCommand, ShowsWhatIsNoTextInHex) {
  sealed("three readers");
  EXPECT_THAT(open("regulator").out, HasSubstr(std::string(64, '0')));
  const Ran ran = open("regulator", {"--json"});
  EXPECT_EQ(json::parse(ran.out)["content"], std::string(600, '0'));
  EXPECT_FALSE(json::parse(ran.out).contains("text"));
}

TEST_F(SealedCommand, ShowsAClaimByItsPlaces) {
  Segment claim;
  claim.name = kClaimName;
  claim.media = kClaimMedia;
  claim.content = hex(lotmark::test::contract("lot.json")["claim"]);
  const auto sealing = must(sealed::seal_segment(vector_chain(), claim));
  const auto reader = lotmark::test::vector_reader("reviewer");
  const auto segment = must(decode<Segment>(sealing.entry));
  save("s.cose",
       must(sealed::cose_encrypt(segment, {must(sealed::wrap(sealing.key, reader.reader()))})));
  const Ran ran = open("reviewer", {"--field", "claim.channel"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_FALSE(ran.out.empty());
  EXPECT_THAT(open("reviewer").out, HasSubstr("\"tree_size\""));
}

TEST_F(SealedCommand, WritesTheContentToAFile) {
  sealed("three readers");
  EXPECT_EQ(open("reviewer", {"--out", dir_ / "content"}).exit, 0);
  EXPECT_EQ(std::filesystem::status(dir_ / "content").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
      << "what was sealed stays its reader's";
  EXPECT_EQ(read(dir_ / "content"), std::string(300, '\0'));
  EXPECT_EQ(open("reviewer", {"--out", dir_ / "content"}).exit, 1) << "it is there";
}

TEST_F(SealedCommand, ExitSaysWhetherItIsForOthersOrDoesNotHold) {
  const auto& c = sealed("a note for one");
  EXPECT_EQ(open("stranger").exit, 1);
  Bytes changed = hex(c["cose"]);
  changed[60] ^= 1;
  save("s.cose", changed);
  const Ran ran = open("regulator");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("seal"));
  EXPECT_THAT(ran.out, Not(HasSubstr("低温")));
  save("s.cose", Bytes(200'000));
  EXPECT_EQ(open("regulator").exit, 3);
}

TEST_F(SealedCommand, FindsTheSegmentInItsRecord) {
  const auto& c = sealed("a note for one");
  const json record = record_with(hex(c["entry"]));
  write(dir_ / "record.json", record.dump());
  const Ran ran = open("regulator", {"--record", dir_ / "record.json", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["record"]["segment"], 1);
  EXPECT_EQ(json::parse(ran.out)["record"]["commitment"], record["commitment"]);
}

TEST_F(SealedCommand, RefusesARecordThatDoesNotHoldOrHoldsAnother) {
  const auto& c = sealed("a note for one");
  const json good = record_with(hex(c["entry"]));
  std::vector<std::pair<std::string, json>> bad;
  const auto spoil = [&](const char* pointer, const json& value) {
    json one = good;
    one[json::json_pointer(pointer)] = value;
    bad.emplace_back(pointer, std::move(one));
  };
  spoil("/head/time", 5);
  spoil("/head/step", nullptr);
  spoil("/head/kind", "decoy");
  spoil("/head/kind", "nonsense");
  spoil("/head/segments", 4);
  spoil("/scope/start", std::string(64, '0'));
  spoil("/chain", std::string(64, '0'));
  spoil("/commitment", std::string(64, '0'));
  spoil("/segments/2/leaf", std::string(64, '0'));
  spoil("/segments/2/index", 1);
  spoil("/segments", json::array());
  spoil("/head", nullptr);
  bad.emplace_back("another record", record_with(Bytes{5}));
  bad.emplace_back("no object", json::array());
  for (const auto& [what, record] : bad) {
    write(dir_ / "record.json", record.dump());
    const Ran ran = open("regulator", {"--record", dir_ / "record.json"});
    EXPECT_EQ(ran.exit, 3) << what << ran.out;
    EXPECT_THAT(ran.out, Not(HasSubstr("低温"))) << what;
  }
}

TEST_F(SealedCommand, HelpHasExamples) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"key", "reader", "--help"}, {"segment", "open", "--help"}}) {
    const Ran ran = lotmark(words);
    EXPECT_EQ(ran.exit, 0);
    EXPECT_THAT(ran.out, HasSubstr("Examples:"));
  }
}

}  // namespace
}  // namespace lotmark::cli::test

// `lotmark ca init`: what it makes opens with the verifier's own code, and what is wrong is said all at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "api/access/jwks.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/crypto/sha256.h"
#include "core/proof/statements.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;

Bytes file_bytes(const std::string& file) { return to_bytes(as_bytes(read(file))); }

proof::Statements opened() {
  auto anchor = read_anchor(file_bytes(consortium() / "c/anchor.cbor"));
  EXPECT_TRUE(anchor) << anchor.error().message();
  auto statements = proof::Statements::from_anchor(*anchor);
  EXPECT_TRUE(statements) << statements.error().message();
  return *std::move(statements);
}

TEST(CaInit, AnchorOpensAndItsFingerprintIsTheChain) {
  const auto statements = opened();
  std::string printed = read(consortium() / "c/fingerprint.txt");
  EXPECT_EQ(printed.size(), 64u + 7u + 1u);
  std::erase_if(printed, [](char c) { return c == ' ' || c == '\n'; });
  EXPECT_EQ(printed, to_hex(statements.chain()));
}

TEST(CaInit, MembershipHoldsWhatTheDescriptionSays) {
  const auto statements = opened();
  const Membership& m = statements.newest();
  EXPECT_EQ(m.members.size(), 6u);
  EXPECT_EQ(m.quorum, 2u);
  EXPECT_EQ(m.enrolments.size(), 11u);
  const Programme* p = m.programme("cold-vaccine");
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(p->slots, (std::vector<std::uint64_t>{6000, 1000}));
  ASSERT_EQ(p->limits.size(), 1u);
  EXPECT_EQ(p->limits[0].max, 800);
  ASSERT_EQ(p->lines.size(), 2u);
  EXPECT_EQ(p->lines[0], sha256(file_bytes(consortium() / "c/lines/line-1.cbor")));
  EXPECT_EQ(p->lines[1], sha256(file_bytes(consortium() / "c/lines/line-2.cbor")));
}

TEST(CaInit, LineFileNamesKidsOfTheKeysItMade) {
  auto line = read_line_file(file_bytes(consortium() / "c/lines/line-1.cbor"));
  ASSERT_TRUE(line) << line.error().message();
  ASSERT_EQ(line->steps.size(), 6u);
  const auto kid_of = [](const std::string& file) {
    auto scalar = read_key_file(consortium() / file);
    EXPECT_TRUE(scalar) << scalar.error().message();
    auto signer = signer_openssl(scalar->view());
    return (*signer)->kid();
  };
  const LineStep& cold = line->steps[4];
  EXPECT_EQ(cold.label, "cold-storage");
  EXPECT_EQ(cold.devices, std::vector{kid_of("c/devices/fridge-1/record.key")});
  EXPECT_EQ(cold.author, kid_of("c/operators/mei/record.key"));
  EXPECT_EQ(cold.limits, (Limits{200, 800, 61000}));
  EXPECT_TRUE(line->steps[0].devices.empty());
}

TEST(CaInit, PrivateKeysAreTheOwnersAlone) {
  int keys = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(consortium() / "c")) {
    if (entry.path().extension() != ".key") continue;
    ++keys;
    struct stat s {};
    ASSERT_EQ(::stat(entry.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777u, 0600u) << entry.path();
  }
  EXPECT_GE(keys, 20);
}

TEST(CaInit, RefusesAFolderThatIsThere) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "c");
  const Ran ran = lotmark({"ca", "init", description(dir), "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("is there already"));
  EXPECT_TRUE(std::filesystem::is_empty(dir / "c"));
}

TEST(CaInit, FaultsAreListedAllAtOnceWithLineAndKey) {
  const TempDir dir;
  write(dir / "bad.toml",
        "name = \"Bad Name\"\n"
        "quorum = 1\n"
        "colour = \"red\"\n"
        "[[members]]\n"
        "name = \"a\"\norganisation = \"a\"\nroles = [\"supervising\", \"reviewing\"]\n"
        "peer_port = 99999\ncontrol_port = 7000\npublic_key = \"04ab\"\n"
        "[[lines]]\nname = \"l\"\norganisation = \"a\"\nsteps = [{label = \"s\", author = "
        "\"nobody\"}]\n"
        "[[programmes]]\nid = \"p\"\nproducts = [\"123\"]\nlines = [\"missing\"]\n");
  const Ran ran = lotmark({"ca", "init", dir / "bad.toml", "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  for (const char* fault :
       {"bad.toml:1: name", "bad.toml:3: colour: is no key known here",
        "bad.toml:7: members[0].roles", "bad.toml:8: members[0].peer_port",
        "bad.toml:10: members[0].public_key", "author \"nobody\"",
        "bad.toml:17: programmes[0].products", "programmes[0].count: must be given",
        "no line \"missing\"", "consortium = true"}) {
    EXPECT_THAT(ran.err, HasSubstr(fault));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "c"));
}

TEST(CaInit, AnOrganisationHasOneBrokerAndIsThere) {
  const TempDir dir;
  std::string text = read(description(dir));
  text +=
      "\n[[brokers]]\nname = \"second\"\nport = 7999\norganisations = [\"hualin\", \"nobody\"]\n";
  write(dir / "two.toml", text);
  const Ran ran = lotmark({"ca", "init", dir / "two.toml", "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("\"hualin\" has broker-1 already"));
  EXPECT_THAT(ran.err, HasSubstr("no member or device is of \"nobody\""));
}

TEST(CaInit, SyntaxErrorNamesItsLine) {
  const TempDir dir;
  write(dir / "bad.toml", "name = \"a\"\nquorum =\n");
  const Ran ran = lotmark({"ca", "init", dir / "bad.toml", "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("bad.toml:2"));
}

TEST(CaInit, QuorumMustBeMoreThanHalf) {
  const TempDir dir;
  const Ran ran =
      lotmark({"ca", "init", description(dir, "quorum = 2", "quorum = 1"), "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("more than half"));
}

TEST(CaInit, LimitsAreNeverDoubles) {
  const TempDir dir;
  const Ran ran =
      lotmark({"ca", "init", description(dir, "min = 2,", "min = 2.5,"), "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("decimal number as text"));
}

TEST(CaInit, KeyMadeElsewhereIsTakenAndNoPrivateKeyWritten) {
  const TempDir dir;
  const Scalar scalar = new_scalar();
  const auto signer = *signer_openssl(scalar.view());
  const std::string given =
      "name = \"filler-1\"\npublic_key = \"" + to_hex(signer->public_key()) + "\"";
  const Ran ran = lotmark(
      {"ca", "init", description(dir, "name = \"filler-1\"", given), "--out", dir / "c", "--json"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out)["kids"]["filler-1"], to_hex(signer->kid()));
  EXPECT_FALSE(std::filesystem::exists(dir / "c/devices/filler-1/record.key"));
}

// A sensor node has no connection of its own, as a start-signal device has none.
TEST(CaInit, InvitedGatewayHasRightsAndAConfigurationAndNoKey) {
  TempDir dir;
  const auto file =
      description(dir, "[[devices]]\nname = \"fridge-2\"",
                  "[[devices]]\nname = \"fridge-9\"\norganisation = \"hualin\"\ninvite = true\n"
                  "channels = [{ name = \"t\", unit = \"Cel\" }]\n\n"
                  "[[devices]]\nname = \"fridge-2\"");
  const auto ran = lotmark({"ca", "init", file, "--out", dir / "c"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("none yet: lotmark ca invite"));
  EXPECT_TRUE(std::filesystem::exists(dir / "c/devices/fridge-9/agent.toml"));
  EXPECT_FALSE(std::filesystem::exists(dir / "c/devices/fridge-9/record.key"));
  EXPECT_FALSE(std::filesystem::exists(dir / "c/devices/fridge-9/tls.crt"));
  EXPECT_THAT(read(dir / "c/brokers/broker-1/acl"),
              HasSubstr("user hualin/fridge-9\ntopic write lotmark/v1/hualin/fridge-9/bundle\n"));
  auto anchor = read_anchor(file_bytes(dir / "c/anchor.cbor"));
  auto statements = proof::Statements::from_anchor(*anchor);
  ASSERT_TRUE(statements);
  EXPECT_EQ(statements->newest().enrolments.size(), 11u);
  EXPECT_EQ(lotmark({"ca", "invite", "--dir", dir / "c", "--name", "hualin/fridge-9"}).exit, 0);
  EXPECT_THAT(lotmark({"ca", "invite", "--dir", dir / "c", "--name", "hualin/other"}).err,
              HasSubstr("--like"));
}

TEST(CaInit, NoStepCanNameADeviceThatHasNoKeyYet) {
  TempDir dir;
  const auto file = description(dir, "name = \"fridge-2\"", "name = \"fridge-2\"\ninvite = true");
  const auto ran = lotmark({"ca", "init", file, "--out", dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("device \"fridge-2\" has no key yet"));
}

TEST(CaInit, FilesMaySayWhereTheirMachineWillHaveThem) {
  TempDir dir;
  write(dir / "first.toml",
        read(description(dir, "port = 7883", "port = 7883\nfolder = \"/etc/mosquitto/lotmark\"")));
  std::string text = read(dir / "first.toml");
  const std::string port = "control_port = 7504\n";
  text.insert(text.find(port), "data_dir = \"/var/lib/lotmark-node/agency-1\"\n");
  write(dir / "first.toml", text);
  const auto ran = lotmark({"ca", "init", dir / "first.toml", "--out", dir / "c"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const auto broker = read(dir / "c/brokers/broker-1/mosquitto.conf");
  EXPECT_THAT(broker, HasSubstr("cafile /etc/mosquitto/lotmark/ca.crt\n"));
  EXPECT_THAT(broker, HasSubstr("acl_file /etc/mosquitto/lotmark/acl\n"));
  EXPECT_THAT(broker, testing::Not(HasSubstr("\nuser ")));
  EXPECT_THAT(read(dir / "c/members/agency-1/node.toml"),
              HasSubstr("data_dir = \"/var/lib/lotmark-node/agency-1\"\n"));
  EXPECT_THAT(read(dir / "c/apis/api-1/api.toml"),
              HasSubstr("chain_db = \"/var/lib/lotmark-node/agency-1/chain.db\"\n"));
  for (const char* bad : {"relative", "/with\\nline"}) {
    const auto refused =
        description(dir, "port = 7883", "port = 7883\nfolder = \"" + std::string(bad) + "\"");
    EXPECT_EQ(lotmark({"ca", "init", refused, "--out", dir / "d"}).exit, 2) << bad;
  }
}

TEST(CaInit, GatewayMayCarryBundlesOfADeviceBehindItAndOfNoOther) {
  const TempDir dir;
  const Ran ran =
      lotmark({"ca", "init",
               description(dir, "name = \"filler-2\"\nkind = \"start\"",
                           "name = \"filler-2\"\nchannels = [{ name = \"temp\", unit = \"Cel\" }]"),
               "--out", dir / "c"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const std::string acl = read(dir / "c/brokers/broker-1/acl");
  const std::string of_gateway = acl.substr(acl.find("user hualin/fridge-2\n"));
  EXPECT_THAT(of_gateway.substr(0, of_gateway.find("user ", 5)),
              HasSubstr("topic write lotmark/v1/hualin/filler-2/bundle\n"));
  EXPECT_THAT(acl, testing::Not(HasSubstr("hualin/filler-1/bundle")));
}

// Shops are operators of their agency, too.
TEST(CaInit, AnAgencysNodeNamesWhoMayDoMoreThanBringMarks) {
  const TempDir dir;
  const Ran ran = lotmark(
      {"ca", "init",
       description(dir, "roles = [\"supervising\"]", "roles = [\"supervising\", \"agency\"]"),
       "--out", dir / "c"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(read(dir / "c/members/agency-1/node.toml"),
              HasSubstr("\noperators = [\"officer-1\""));
  EXPECT_THAT(read(dir / "c/members/agency-2/node.toml"), testing::Not(HasSubstr("operators =")));
}

TEST(CaInit, NodeConfigurationPointsAtFilesThatAreThere) {
  const std::string folder = consortium() / "c/members/hualin-node";
  const std::string toml = read(folder + "/node.toml");
  for (const char* file :
       {"record.key", "../../anchor.cbor", "tls.crt", "tls.key", "../../ca/ca.crt",
        "../../lines/line-1.cbor", "../../lines/line-2.cbor"}) {
    EXPECT_THAT(toml, HasSubstr("\"" + std::string(file) + "\""));
    EXPECT_TRUE(std::filesystem::exists(folder + "/" + file)) << file;
  }
}

TEST(CaInit, EnterprisesSealForTheirReviewersByKeysApartFromThoseThatSign) {
  const std::string members = consortium() / "c/members/";
  const std::string toml = read(members + "hualin-node/node.toml");
  EXPECT_THAT(toml, HasSubstr("\n[sealing]\nkey = \"opening.key\"\nrewrappers = [\""));
  const auto names = toml.find("rewrappers = [");
  const std::string rewrappers = toml.substr(names, toml.find(']', names) - names);
  EXPECT_THAT(rewrappers, testing::Not(HasSubstr("hualin-api"))) << "it opens nothing to anybody";
  std::size_t reviewers = 0;
  for (const auto& folder : std::filesystem::directory_iterator(members)) {
    const std::string own = read(folder.path() / "node.toml");
    const bool reviews = own.find("\n[review]") != std::string::npos;
    const bool keeps = own.find("\n[enterprise]") != std::string::npos;
    EXPECT_EQ(std::filesystem::exists(folder.path() / "opening.key"), reviews || keeps);
    EXPECT_EQ(own.find("[sealing]") != std::string::npos, reviews || keeps) << own;
    if (!reviews) continue;
    ++reviewers;
    std::string point = read(folder.path() / "opening.key.pub");
    point.pop_back();
    EXPECT_THAT(toml, HasSubstr("key = \"" + point + "\"\n"));
    EXPECT_NE(read(folder.path() / "opening.key"), read(folder.path() / "record.key"));
  }
  EXPECT_GE(reviewers, 1u);
}

KeyId kid_in(const std::string& file) {
  auto scalar = read_key_file(file);
  EXPECT_TRUE(scalar) << scalar.error().message();
  return (*signer_openssl(scalar->view()))->kid();
}

const Enrolment* enrolled(const Membership& m, std::string_view name) {
  const auto it = std::ranges::find(m.enrolments, name, &Enrolment::name);
  return it == m.enrolments.end() ? nullptr : &*it;
}

TEST(CaInit, AnEnterprisesApiServesItsEventsByAKeyOfItsOwn) {
  const std::string folder = consortium() / "c/apis/hualin-api";
  const std::string toml = read(folder + "/api.toml");
  const std::string node = read(consortium() / "c/members/hualin-node/node.toml");
  EXPECT_THAT(toml,
              HasSubstr("\n[epcis]\nprivate_db = \"../../members/hualin-node/data/private.db\"\n"));
  EXPECT_THAT(toml, HasSubstr("node = \"http://127.0.0.1:7501\"\n"));
  EXPECT_THAT(node, HasSubstr("[control]\naddress = \"127.0.0.1\"\nport = 7501\n"));
  EXPECT_THAT(toml, HasSubstr("node_kid = \"" +
                              to_hex(kid_in(consortium() / "c/members/hualin-node/record.key")) +
                              "\"\nkey = \"record.key\"\n"));
  EXPECT_THAT(toml, testing::Not(HasSubstr("page_dir")));
  const auto statements = opened();
  const Enrolment* api = enrolled(statements.newest(), "hualin-api");
  ASSERT_NE(api, nullptr);
  EXPECT_EQ(api->kind, EnrolmentKind::kOperator);
  EXPECT_EQ(api->organisation, "hualin");
  EXPECT_EQ(key_id(api->public_key), kid_in(folder + "/record.key"));
  EXPECT_FALSE(std::filesystem::exists(consortium() / "c/operators/hualin-api"))
      << "it is nobody's key";
}

TEST(CaInit, AnEnterprisesApiTakesTokensByAKeyMadeForIt) {
  const std::string folder = consortium() / "c/apis/hualin-api";
  const std::string toml = read(folder + "/api.toml");
  EXPECT_THAT(toml, HasSubstr("\n[access]\norganisation = \"hualin\"\n"));
  EXPECT_THAT(toml, HasSubstr("jwks_file = \"token.jwks\"\n"));
  const auto keys = api::access::KeySet::read(as_bytes(read(folder + "/token.jwks")));
  ASSERT_TRUE(keys) << keys.error().message();
  ASSERT_EQ(keys->keys().size(), 1u);
  const auto signer = *signer_openssl(read_key_file(folder + "/token.key")->view());
  EXPECT_NE(keys->find(api::access::token_kid(signer->public_key())), nullptr);
}

TEST(CaInit, ApiElsewhereServesNoEventsAndHasNoRecordKey) {
  const std::string folder = consortium() / "c/apis/api-1";
  EXPECT_THAT(read(folder + "/api.toml"), testing::Not(HasSubstr("epcis")));
  EXPECT_THAT(read(folder + "/api.toml"), HasSubstr("page_dir = \"page\"\n"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/record.key"));
  EXPECT_EQ(enrolled(opened().newest(), "api-1"), nullptr);
}

TEST(CaInit, ApisKeyMayBeMadeWhereItRuns) {
  const TempDir dir;
  const Scalar scalar = new_scalar();
  const auto signer = *signer_openssl(scalar.view());
  const std::string given =
      "name = \"hualin-api\"\npublic_key = \"" + to_hex(signer->public_key()) + "\"";
  const Ran ran =
      lotmark({"ca", "init", description(dir, "name = \"hualin-api\"", given), "--out", dir / "c"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(to_hex(signer->kid())));
  EXPECT_FALSE(std::filesystem::exists(dir / "c/apis/hualin-api/record.key"));
  EXPECT_THAT(read(dir / "c/apis/hualin-api/api.toml"), HasSubstr("key = \"record.key\"\n"));
  const std::string elsewhere =
      "name = \"api-1\"\npublic_key = \"" + to_hex(signer->public_key()) + "\"";
  const Ran refused =
      lotmark({"ca", "init", description(dir, "name = \"api-1\"", elsewhere), "--out", dir / "d"});
  EXPECT_EQ(refused.exit, 2);
  EXPECT_THAT(refused.err, HasSubstr("apis.public_key: is for an API at a keeping member"));
}

TEST(CaInit, ApiOfAnEnterpriseSharesItsNameWithNobody) {
  const TempDir dir;
  const Ran ran =
      lotmark({"ca", "init", description(dir, "name = \"hualin-api\"", "name = \"mei\""), "--out",
               dir / "c"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("name: \"mei\" stands on line"));
}

TEST(CaInit, TwoEnterprisesApisHaveAKeyEach) {
  const TempDir dir;
  std::string text = read(description(dir));
  text += "\n[[apis]]\nname = \"hualin-api-2\"\nmember = \"hualin-node\"\nport = 7602\n";
  write(dir / "two.toml", text);
  const Ran ran = lotmark({"ca", "init", dir / "two.toml", "--out", dir / "c"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(kid_in(dir / "c/apis/hualin-api/record.key"),
            kid_in(dir / "c/apis/hualin-api-2/record.key"));
}

}  // namespace
}  // namespace lotmark::cli::test

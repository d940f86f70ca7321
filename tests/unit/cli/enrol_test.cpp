// A new gateway by a one-time code, between the operator's tool and the agent's program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/enrolment/exchange.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;

TEST(EnrolmentCode, IsReadHoweverItWasTyped) {
  const std::string code = enrolment::new_code();
  ASSERT_EQ(code.size(), 23u);
  const auto key = enrolment::code_key(code);
  ASSERT_TRUE(key);
  std::string typed;
  for (char c : code) {
    if (c != '-') typed += static_cast<char>(std::tolower(c));
    if (c == '0') typed.back() = 'o';
    if (c == '1') typed.back() = 'l';
  }
  EXPECT_EQ(enrolment::code_key(typed), key);
  EXPECT_NE(enrolment::code_key(enrolment::new_code()), key);
  for (const std::string& bad : {std::string(), code.substr(1), code + "A", "U" + code.substr(1)})
    EXPECT_FALSE(enrolment::code_key(bad)) << bad;
}

class Enrol : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kAgent)) GTEST_SKIP() << "lotmark-edge-agent was not built";
    // Each test has its own CA folder, since codes are used up in it.
    std::filesystem::copy(consortium() / "c", dir_ / "c", std::filesystem::copy_options::recursive);
  }
  // The code of a fresh invitation.
  std::string invite(const std::string& name = "hualin/fridge-9") {
    const auto ran = lotmark(
        {"--json", "ca", "invite", "--dir", dir_ / "c", "--name", name, "--like", "fridge-1"});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.exit == 0 ? nlohmann::json::parse(ran.out)["code"].get<std::string>() : "";
  }
  Ran agent(const std::string& arguments) { return shell(kAgent + " " + arguments); }
  Ran request(const std::string& code, const std::string& name = "hualin/fridge-9") {
    return agent("enrol request --name " + name + " --code " + code + " --dir " + dir_ / "gateway" +
                 " --out " + dir_ / "request");
  }
  Ran enrol(const std::string& request = "request") {
    std::filesystem::remove(dir_ / "answer");
    return lotmark({"ca", "enrol", "--dir", dir_ / "c", "--request", dir_ / request, "--out",
                    dir_ / "answer"});
  }
  Ran accept() {
    return agent("enrol accept --answer " + dir_ / "answer" + " --dir " + dir_ / "gateway");
  }
  void change(const std::string& file, const std::string& key, const std::string& value) {
    auto j = nlohmann::json::parse(read(dir_ / file));
    j[key] = value;
    write(dir_ / file, j.dump());
  }
  static inline const std::string kAgent = std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-agent";
  TempDir dir_;
};

TEST_F(Enrol, GatewayGetsACertificateAndAConfigurationThatLoads) {
  ASSERT_EQ(request(invite()).exit, 0);
  const auto enrolled = enrol();
  ASSERT_EQ(enrolled.exit, 0) << enrolled.err;
  EXPECT_THAT(enrolled.out, HasSubstr("lotmark enrol device fridge-9 --public-key 04"));
  const auto accepted = accept();
  ASSERT_EQ(accepted.exit, 0) << accepted.out << accepted.err;
  EXPECT_EQ(
      shell("openssl verify -CAfile " + dir_ / "c/ca/ca.crt" + " " + dir_ / "gateway/tls.crt").exit,
      0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "gateway/enrolment.key"));
  const std::string config = dir_ / "gateway/agent.toml";
  write(config,
        read(config) + "[[source]]\nname = \"probe\"\ntype = \"exec\"\ncommand = [\"probe\"]\n");
  const auto checked = agent("--config " + config + " --check-config");
  EXPECT_EQ(checked.exit, 0) << checked.out << checked.err;
  EXPECT_THAT(read(config), HasSubstr("device = 'fridge-9'"));
}

TEST_F(Enrol, KeysBelongToTheOwnerOfTheirFolderWhoeverMadeThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make files of another";
  const auto* nobody = ::getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  const std::string keys = dir_ / "keys";
  std::filesystem::create_directory(keys);
  ASSERT_EQ(::chown(keys.c_str(), nobody->pw_uid, nobody->pw_gid), 0);
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  const std::string folders = " --dir " + dir_ / "etc" + " --keys " + keys;
  const auto asked = agent("enrol request --name hualin/fridge-9 --code " + invite() + folders +
                           " --out " + dir_ / "request");
  ASSERT_EQ(asked.exit, 0) << asked.out << asked.err;
  ASSERT_EQ(enrol().exit, 0);
  const auto accepted = agent("enrol accept --answer " + dir_ / "answer" + folders);
  ASSERT_EQ(accepted.exit, 0) << accepted.out << accepted.err;
  const auto owner = [](const std::string& file) {
    struct stat is {};
    EXPECT_EQ(::stat(file.c_str(), &is), 0) << file;
    return is.st_uid;
  };
  for (const char* file : {"record.key", "tls.key", "tls.crt", "ca.crt"})
    EXPECT_EQ(owner(keys + "/" + file), nobody->pw_uid) << file;
  EXPECT_EQ(owner(dir_ / "etc/agent.toml"), 0u);
  EXPECT_THAT(read(dir_ / "etc/agent.toml"), HasSubstr(keys + "/record.key"));
  EXPECT_THAT(read(dir_ / "etc/agent.toml"), HasSubstr("/keys'"));
}

TEST_F(Enrol, CodeOpensOneDoorOnce) {
  const auto code = invite();
  ASSERT_EQ(request(code).exit, 0);
  ASSERT_EQ(enrol().exit, 0);
  const auto again = enrol();
  EXPECT_EQ(again.exit, 1);
  EXPECT_THAT(again.err, HasSubstr("was used already"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "answer"));
  ASSERT_EQ(request(code, "hualin/other").exit, 0);
  EXPECT_THAT(enrol().err, HasSubstr("was not invited"));
}

TEST_F(Enrol, WrongOrOldCodeOrAChangedRequestIsRefused) {
  const auto code = invite();
  ASSERT_EQ(request(enrolment::new_code()).exit, 0);
  EXPECT_THAT(enrol().err, HasSubstr("made with another code, or changed"));
  ASSERT_EQ(request(code).exit, 0);
  const auto good = read(dir_ / "request");
  // Another's record key, with a proof that the attacker can make, but no code.
  const auto point = nlohmann::json::parse(good)["record_key"].get<std::string>();
  change("request", "record_key", point.substr(0, 128) + (point.ends_with("00") ? "01" : "00"));
  EXPECT_THAT(enrol().err, HasSubstr("made with another code, or changed"));
  write(dir_ / "request", good);
  change("request", "csr", "");
  EXPECT_THAT(enrol().err, HasSubstr("made with another code, or changed"));
  write(dir_ / "request", good);
  change("c/ca/invites/hualin.fridge-9.json", "expires", "2026-01-05T08:00:00.000Z");
  EXPECT_THAT(enrol().err, HasSubstr("expired 2026-01-05"));
}

TEST_F(Enrol, AnswerThatWasChangedIsNotTaken) {
  ASSERT_EQ(request(invite()).exit, 0);
  ASSERT_EQ(enrol().exit, 0);
  const auto good = read(dir_ / "answer");
  for (const char* key : {"config", "ca", "certificate"}) {
    write(dir_ / "answer", good);
    change("answer", key, nlohmann::json::parse(good)[key].get<std::string>() + "\n");
    const auto accepted = accept();
    EXPECT_EQ(accepted.exit, 1) << key;
    EXPECT_FALSE(std::filesystem::exists(dir_ / "gateway/tls.crt"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "gateway/agent.toml"));
  }
  write(dir_ / "answer", good);
  EXPECT_EQ(accept().exit, 0);
}

TEST_F(Enrol, SaysWhatIsWrongWithAnInvitation) {
  const auto ran = [&](const std::string& name, const std::string& like) {
    return lotmark({"ca", "invite", "--dir", dir_ / "c", "--name", name, "--like", like});
  };
  EXPECT_EQ(ran("fridge-9", "fridge-1").exit, 2);
  EXPECT_THAT(ran("hualin/fridge-9", "none").err, HasSubstr("devices/none/agent.toml"));
  EXPECT_THAT(ran("other/fridge-9", "fridge-1").err, HasSubstr("another organisation"));
}

}  // namespace
}  // namespace lotmark::cli::test

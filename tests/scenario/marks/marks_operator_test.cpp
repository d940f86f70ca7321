// `lotmark mark` and `marks`, the real program at a real control endpoint, with the pharmacy's key.
#include <fstream>

#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/http/server.h"
#include "tests/scenario/marks/shop_marks.h"

namespace lotmark::test {
namespace {

class MarksOperator : public ShopMarksTest {
 protected:
  TempFolder home;
  std::optional<http::Server> server;

  MarksOperator() {
    Scalar scalar;
    const auto secret = party_scalar(50);
    std::copy(secret.begin(), secret.end(), scalar.data());
    must(write_key_file(home / "pharmacy.pem", scalar));
    std::ofstream(home / "anchor.cbor", std::ios::binary) << as_text(c.anchor);
    server = must(http::Server::start({}, [this](const http::Request& r) {
      const node::Call call{r.method, r.target(), r.body, std::string(r.header("authorization"))};
      node::Reply reply = net->node(c.west).control(call, SystemClock().now());
      http::Response out;
      out.status = reply.status;
      out.content_type = reply.content_type;
      out.body = std::move(reply.body);
      return out;
    }));
    std::ofstream(home / "lotmark.toml")
        << "control = \"" << server->url() << "\"\nnode = \"" << to_hex(c.west.kid())
        << "\"\nkey = \"pharmacy.pem\"\nanchor = \"anchor.cbor\"\n";
  }
  int lotmark(const std::string& arguments) {
    const std::string command = "cd '" + (home / "").string() +
                                "' && env -i " LOTMARK_BIN_DIR "/lotmark " + arguments +
                                " > said 2>&1";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  int mark(const std::string& arguments) {
    return lotmark("mark --gtin " + Consortium::gtin().text + " --kind sold " + arguments);
  }
  std::string said() const {
    std::ifstream in(home / "said");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool says(const std::string& words) const { return said().find(words) != std::string::npos; }
};

TEST_F(MarksOperator, AUnitIsMarkedAndMarkedAgain) {
  EXPECT_EQ(mark("--lot A-1 --serial S-17 --serial S-18"), 0) << said();
  EXPECT_TRUE(says("2 taken, 0 held")) << said();
  EXPECT_EQ(mark("--lot A-1 --serial S-17 --serial S-19"), 0) << said();
  EXPECT_TRUE(says("1 taken, 1 held")) << said();
  EXPECT_EQ(lotmark("marks"), 0) << said();
  EXPECT_TRUE(says("S-19")) << said();
  EXPECT_TRUE(says("drug-west/corner-pharmacy")) << said();
  EXPECT_EQ(lotmark("marks " + Consortium::gtin().text + " A-1 --serial S-17 --json"), 0) << said();
  EXPECT_EQ(json::parse(said())["marks"].size(), 1u);
}

TEST_F(MarksOperator, AFileIsBroughtAsOftenAsItTakes) {
  ASSERT_EQ(mark("--lot A-1 --count 40 --out today.marks"), 0) << said();
  EXPECT_EQ(lotmark("mark --from today.marks"), 0) << said();
  EXPECT_TRUE(says("1 taken")) << said();
  EXPECT_EQ(lotmark("mark --from today.marks"), 0) << said();
  EXPECT_TRUE(says("0 taken, 1 held")) << said();
}

TEST_F(MarksOperator, WhatIsRefusedIsNamedAndFails) {
  EXPECT_EQ(mark("--lot A-2 --serial S-17"), 1);
  EXPECT_TRUE(says("1 refused")) << said();
  EXPECT_TRUE(says("usage-lot-unknown")) << said();
  EXPECT_TRUE(says("S-17")) << said();
}

TEST_F(MarksOperator, MoreThanACallHoldsGoInSeveral) {
  {
    std::ofstream serials(home / "serials.txt");
    for (int i = 0; i < 600; ++i) serials << "S-" << i << "\n";
  }
  EXPECT_EQ(mark("--lot A-1 --serials serials.txt"), 0) << said();
  EXPECT_TRUE(says("600 taken, 0 held")) << said();
}

}  // namespace
}  // namespace lotmark::test

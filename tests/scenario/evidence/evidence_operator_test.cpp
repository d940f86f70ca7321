// `lotmark evidence list` and `fetch`, the real program at a real control endpoint.
#include "core/crypto/key_file.h"
#include "core/http/server.h"
#include "tests/scenario/evidence/dishonesty.h"

namespace lotmark::test {
namespace {

class Operator : public Dishonesty {
 protected:
  TempFolder home;
  std::optional<http::Server> server;

  Operator() {
    Scalar scalar;
    const auto secret = party_scalar(Consortium::supervisor_scalar(1));
    std::copy(secret.begin(), secret.end(), scalar.data());
    EXPECT_TRUE(write_key_file(home / "node.key", scalar));
    std::ofstream(home / "anchor.cbor", std::ios::binary) << as_text(c.anchor);
    auto started = http::Server::start({}, [this](const http::Request& r) {
      const node::Call call{r.method, r.target(), r.body, std::string(r.header("authorization"))};
      node::Reply reply = net->node(second).control(call, SystemClock().now());
      http::Response out;
      out.status = reply.status;
      out.content_type = reply.content_type;
      out.body = std::move(reply.body);
      return out;
    });
    EXPECT_TRUE(started);
    server = std::move(*started);
    std::ofstream(home / "lotmark.toml")
        << "control = \"" << server->url() << "\"\nnode = \"" << to_hex(second.kid())
        << "\"\nkey = \"node.key\"\nanchor = \"anchor.cbor\"\n";
  }
  int lotmark(const std::string& arguments) {
    const std::string command = "cd '" + (home / "").string() +
                                "' && env -i " LOTMARK_BIN_DIR "/lotmark evidence " + arguments +
                                " > said 2>&1";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  std::string said() const {
    std::ifstream in(home / "said");
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(Operator, ListsWhatIsKeptAgainstWhom) {
  EXPECT_EQ(lotmark("list"), 0) << said();
  EXPECT_NE(said().find("no evidence"), std::string::npos);
  fork_blocks();
  net->advance(Seconds(10));
  EXPECT_EQ(lotmark("list"), 0);
  EXPECT_NE(said().find("block-fork"), std::string::npos) << said();
  EXPECT_NE(said().find("prov-1"), std::string::npos);
  EXPECT_EQ(lotmark("list --json --field 0.culprit"), 0);
  EXPECT_EQ(said(), to_hex(first.kid()) + "\n");
}

TEST_F(Operator, FetchesAFileThatIsProven) {
  fork_blocks();
  net->advance(Seconds(10));
  EXPECT_EQ(lotmark("fetch 1"), 0) << said();
  EXPECT_EQ(lotmark("fetch 1 --out fork.cbor"), 0) << said();
  EXPECT_TRUE(fs::exists(home / files(second, "block-fork").at(0).filename().string()));
  EXPECT_EQ(lotmark("verify fork.cbor --anchor anchor.cbor"), 0) << said();
  EXPECT_EQ(lotmark("fetch 1 --out fork.cbor"), 1) << "nothing is overwritten";
  EXPECT_EQ(lotmark("fetch 2"), 1);
  EXPECT_EQ(lotmark("fetch 0"), 2);
}

}  // namespace
}  // namespace lotmark::test

// [webhooks] of node.toml.
#include <gtest/gtest.h>

#include "tests/unit/node/node_toml.h"

namespace lotmark::node {
namespace {

class WebhookConfig : public testing::Test {
 protected:
  std::string fault(const std::string& webhooks) const { return toml.fault(webhooks); }
  test::NodeToml toml;
};

TEST_F(WebhookConfig, NothingIsAllowedByDefault) {
  const auto c = toml.with("");
  ASSERT_TRUE(c) << c.error().message();
  EXPECT_TRUE(c->webhooks_allow.empty());
}

TEST_F(WebhookConfig, IsReadAndPrinted) {
  const auto c = toml.with(R"([webhooks]
allow = ["https://erp.yunhe.example/", "http://127.0.0.1:9000/"]
ca = "receivers.pem"
)");
  ASSERT_TRUE(c) << c.error().message();
  EXPECT_EQ(c->webhooks_allow.size(), 2u);
  EXPECT_EQ(c->webhooks_ca, toml / "receivers.pem");
  const std::string printed = print_config(*c);
  EXPECT_NE(printed.find("[webhooks]\nallow = [\"https://erp.yunhe.example/\", "
                         "\"http://127.0.0.1:9000/\"]\nca = \""),
            std::string::npos)
      << printed;
}

TEST_F(WebhookConfig, FaultsNameTheEntry) {
  EXPECT_NE(fault("[webhooks]\nallow = [\"http://erp.yunhe.example/\"]\n")
                .find("webhooks.allow: http://erp.yunhe.example/"),
            std::string::npos);
  EXPECT_NE(fault("[webhooks]\nallow = [\"https://a.example/\"]\n").find("webhooks.ca: is missing"),
            std::string::npos);
  EXPECT_NE(fault("[webhooks]\nallowed = []\n").find("unknown key"), std::string::npos);
  EXPECT_NE(fault("[webhooks]\nallow = \"https://a.example/\"\n").find("must be an array"),
            std::string::npos);
}

}  // namespace
}  // namespace lotmark::node

// Where webhooks may call: what a client could try to have this node call something else.
#include "ledger-node/subscribe/destination.h"

#include <gtest/gtest.h>

namespace lotmark::node {
namespace {

AllowedDestinations allowed() {
  auto list =
      AllowedDestinations::read({"https://erp.yunhe.example/", "https://Hooks.example:8443/in/",
                                 "https://192.0.2.7/", "http://127.0.0.1:9000/"});
  EXPECT_TRUE(list) << list.error().message();
  return *list;
}

Errc verdict(std::string_view url) {
  const auto to = read_destination(url);
  return to ? allowed().check(*to).code() : to.code();
}

TEST(Destination, WhatTheListNamesMayBeCalled) {
  for (const char* url : {"https://erp.yunhe.example/epcis", "https://erp.yunhe.example",
                          "HTTPS://ERP.yunhe.EXAMPLE/a", "https://erp.yunhe.example:443/a",
                          "https://erp.yunhe.example/a?b=c&d=%20", "https://erp.yunhe.example?x=1",
                          "https://hooks.example:8443/in/epcis", "https://hooks.example:8443/in/",
                          "https://192.0.2.7/x", "http://127.0.0.1:9000/hook"})
    EXPECT_EQ(verdict(url), Errc::kOk) << url;
}

TEST(Destination, OtherPlacesAreDenied) {
  for (const char* url : {"https://other.example/",
                          "https://erp.yunhe.example.evil.example/",
                          "https://evil-erp.yunhe.example/",
                          "https://xerp.yunhe.example/",
                          "https://yunhe.example/",
                          "https://erp.yunhe.example:444/",
                          "https://erp.yunhe.example:80/",
                          "http://erp.yunhe.example/",
                          "http://erp.yunhe.example:443/",
                          "https://hooks.example/in/x",
                          "https://hooks.example:8443/",
                          "https://hooks.example:8443/in",
                          "https://hooks.example:8443/inner",
                          "https://hooks.example:8443/IN/x",
                          "https://hooks.example:8443/?/in/",
                          "http://127.0.0.1/",
                          "http://127.0.0.1:9001/",
                          "https://127.0.0.1:9000/",
                          "http://localhost:9000/",
                          "http://127.0.0.2:9000/",
                          "https://169.254.169.254/latest/meta-data",
                          "https://10.0.0.1/",
                          "https://192.0.2.70/"})
    EXPECT_EQ(verdict(url), Errc::kDenied) << url;
}

TEST(Destination, WhatCouldBeReadInTwoWaysIsNoDestination) {
  const char* cases[] = {
      "", "https://", "https:///x", "https:erp.yunhe.example", "//erp.yunhe.example/",
      "ftp://erp.yunhe.example/", "file:///etc/passwd", "gopher://erp.yunhe.example/",
      "javascript:alert(1)", " https://erp.yunhe.example/", "https://erp.yunhe.example/ ",
      "https://erp.yunhe.example/a b", "https://erp.yunhe.example/\r\nX: y",
      "https://erp.yunhe.example/\t", "https://erp.yunhe.example\t/",
      "https://erp.yunhe.example\n/",
      // User information, which makes the host what stands behind it.
      "https://erp.yunhe.example@evil.example/", "https://user:pw@erp.yunhe.example/",
      "https://@erp.yunhe.example/", "https://erp.yunhe.example:443@evil.example/",
      // Fragments and backslashes, at which readers part.
      "https://evil.example#.erp.yunhe.example/", "https://erp.yunhe.example/#x",
      "https://evil.example\\@erp.yunhe.example/", "https://evil.example\\.erp.yunhe.example/",
      "https://erp.yunhe.example/a\\b",
      // Hosts that are encoded, or not ASCII, or end in a dot.
      "https://%65rp.yunhe.example/", "https://erp.yunhe.example%00.evil.example/",
      "https://erp.yunhe.example%2eevil.example/", "https://erp.yunhe.example./",
      "https://erp..yunhe.example/", "https://.erp.yunhe.example/", "https://-erp.example/",
      "https://erp\xe3\x80\x82yunhe.example/", "https://erp.yunhe.ex\xc3\xa4mple/",
      "https://erp_yunhe.example/", "https://erp.yunhe.example,evil.example/",
      // Numbers that are addresses to some.
      "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/",
      "https://0177.0.0.1/", "https://127.0.0.01/", "https://127.0.0.256/", "https://127.0.0.1.2/",
      "https://1.2.3/", "https://0/",
      // IPv6, which our client does not call.
      "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://::1/",
      // Ports.
      "https://erp.yunhe.example:/", "https://erp.yunhe.example:0/",
      "https://erp.yunhe.example:65536/", "https://erp.yunhe.example:-1/",
      "https://erp.yunhe.example:443x/", "https://erp.yunhe.example:0443/",
      "https://erp.yunhe.example:443:443/", "https://erp.yunhe.example: 443/",
      // Paths that leave their folder, or begin a new authority.
      "https://hooks.example:8443/in/../admin", "https://hooks.example:8443/in/%2e%2e/admin",
      "https://hooks.example:8443/in/.%2E/admin", "https://hooks.example:8443/in/./x",
      "https://hooks.example:8443/in/..", "https://hooks.example:8443/in/..%2fadmin",
      "https://hooks.example:8443/in/..;/admin", "https://hooks.example:8443/in/..;x=1/admin",
      "https://hooks.example:8443/in/%2e%2e%3bx/admin", "https://hooks.example:8443/in/.;/x",
      "https://hooks.example:8443/in/..;", "https://hooks.example:8443/in/..%5Cadmin",
      "https://erp.yunhe.example//evil.example/", "https://erp.yunhe.example/%",
      "https://erp.yunhe.example/%4", "https://erp.yunhe.example/%zz",
      "https://erp.yunhe.example/<x>", "https://erp.yunhe.example/\"",
      "https://erp.yunhe.example/\x7f"};
  for (const char* url : cases) EXPECT_EQ(verdict(url), Errc::kUsage) << url;
  EXPECT_EQ(verdict(std::string("https://erp.yunhe.example/\0x", 28)), Errc::kUsage);
  EXPECT_EQ(verdict("https://erp.yunhe.example/" + std::string(3000, 'a')), Errc::kUsage);
  EXPECT_EQ(verdict("https://" + std::string(300, 'a') + "/"), Errc::kUsage);
}

TEST(Destination, IsTakenApart) {
  const auto to = read_destination("HTTPS://Erp.Example?x=1");
  ASSERT_TRUE(to);
  EXPECT_EQ(to->base_url(), "https://erp.example:443");
  EXPECT_EQ(to->target, "/?x=1");
}

TEST(Destination, ListsThatAllowTooMuchAreRefused) {
  for (const char* entry :
       {"http://erp.yunhe.example/", "http://10.0.0.1/", "http://127.0.0.1.evil.example/",
        "http://127.evil.example/", "https://erp.yunhe.example/in", "https://erp.yunhe.example/?x/",
        "erp.yunhe.example", "https://*.yunhe.example/", "*", ""}) {
    const auto list = AllowedDestinations::read({entry});
    ASSERT_FALSE(list) << entry;
    EXPECT_EQ(list.code(), Errc::kConfig) << entry;
  }
  EXPECT_FALSE(AllowedDestinations::read(std::vector<std::string>(101, "https://a.example/")));
}

TEST(Destination, AnEmptyListAllowsNothing) {
  const auto to = read_destination("https://erp.yunhe.example/");
  ASSERT_TRUE(to);
  EXPECT_EQ(AllowedDestinations().check(*to).code(), Errc::kDenied);
}

}  // namespace
}  // namespace lotmark::node

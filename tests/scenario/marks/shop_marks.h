// An agency's node among others, a lot that is released, and a pharmacy that the agency enrolled.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/random.h"
#include "core/wire/usage.h"
#include "tests/must.h"
#include "tests/scenario/lot/network.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {

using nlohmann::json;

class ShopMarksTest : public testing::Test {
 protected:
  ShopMarksTest() {
    net->advance(std::chrono::seconds(10));
    submit("enrolment",
           encode(Enrolment{
               shop.key(), EnrolmentKind::kOperator, shop.name, shop.organisation, "", {}, {}}));
    release("A-1");
    a_period();
  }
  Consortium c{{.agency = true}};
  TempFolder folder;
  std::unique_ptr<Network> net = std::make_unique<Network>(c, folder / "nodes");
  Party shop = make_party("corner-pharmacy", "drug-west", 50);
  const std::string lot = "gtin=" + Consortium::gtin().text + "&lot=A-1";

  void a_period() { net->advance(std::chrono::minutes(15), std::chrono::seconds(15)); }
  void submit(const std::string& type, Bytes payload) {
    const auto reply = net->control_raw(c.west, c.examiner_west, "POST",
                                        "/control/v1/submissions?sign=" + type, std::move(payload));
    ASSERT_TRUE(reply.ok()) << (reply.error ? reply.error->message() : "");
  }
  void release(const std::string& number) {
    const auto application = must(seal(c.application(number), *c.enterprise.signer, c.chain));
    const auto released =
        must(seal(Release{{application.bytes}, "CN-1", Digest{{5}}, {}}, *c.east.signer, c.chain));
    ASSERT_TRUE(
        net->send(c.east, c.supervisors[0], "POST", "/peer/v1/releases", released.bytes).ok());
  }
  Bytes mark(const Party& by, std::optional<std::string> serial, std::uint64_t count = 1,
             const std::string& of = "A-1") const {
    const Mark m{Consortium::gtin(),   {of},  UsageKind::kSold,
                 std::move(serial),    count, unix_ms(c.clock.now()),
                 random_fixed<Nonce>()};
    return must(seal(m, *by.signer, c.chain)).bytes;
  }
  // How the agency's node takes it from whoever brings it.
  std::string bring(const Party& by, const Bytes& object) {
    const auto reply =
        net->control_raw(c.west, by, "POST", "/control/v1/marks", node::encode_list({object}));
    if (!reply.ok()) return reply.error ? std::string(name(reply.error->code)) : "no answer";
    const json said = json::parse(as_text(reply.body), nullptr, false)["marks"][0];
    return said["state"] == "refused" ? said["error"] : said["state"];
  }
  json marks(const std::string& query) {
    return net->control(c.west, c.examiner_west, "GET", "/control/v1/marks?" + query, {})["marks"];
  }
};

}  // namespace lotmark::test

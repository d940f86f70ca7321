// What an API asks a node to capture, as bytes; and the lots that an event names.
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

using Kind = CaptureRequest::Kind;

TEST(CaptureRequest, OfAnApiOfBeforeHasNoOwner) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0)});
  r.owner = "o";
  EXPECT_EQ(decode_capture(encode_capture(r))->owner, "o");
  r.owner = std::string(kCaptureOwnerMax + 1, 'o');
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kTooLarge);
  r.owner.clear();
  Bytes old = encode_capture(r);
  ASSERT_EQ(old.front(), 0x85);
  ASSERT_EQ(old.back(), 0x40);  // the empty owner
  old.front() = 0x84;
  old.pop_back();
  const auto back = decode_capture(old);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(back->owner.empty());
  EXPECT_EQ(back->events.size(), 1u);
}

TEST(CaptureRequest, TravelsAndIsBounded) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0), observed("", 2, 1)}, Kind::kProceed);
  r.faults = "[1]";
  const Bytes bytes = encode_capture(r);
  const auto back = decode_capture(bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->kind, r.kind);
  EXPECT_EQ(back->faults, r.faults);
  EXPECT_EQ(back->contexts, r.contexts);
  ASSERT_EQ(back->events.size(), 2u);
  EXPECT_EQ(back->events[1].body, r.events[1].body);
  for (std::size_t n = 0; n < bytes.size(); n += 7)
    EXPECT_FALSE(decode_capture(ByteView(bytes).first(n))) << n;
  for (const char* faults : {"", "{}", "[", "null", "[1]x"}) {
    r.faults = faults;
    EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange) << faults;
  }
  r.faults = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange) << "deep";
  r.faults = "[ ]";
  EXPECT_TRUE(decode_capture(encode_capture(r)));
  r.events[0].context = 1;
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange);
  r.events[0] = {0, std::string(kCapturedEventMax + 1, ' ')};
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kTooLarge);
  r.kind = Kind::kSingle;
  r.events.clear();
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange) << "one event exactly";
}

TEST(LotsNamed, AreClassesAndIlmdBesideOneGtin) {
  epcis::Json e = {{"quantityList",
                    {{{"epcClass", "urn:epc:class:lgtin:6901234.056789.A-1"}},
                     {{"epcClass", "https://shop.example/01/06901234567892/10/B%2F2"}}}}};
  const auto lots = lots_named(e, {});
  ASSERT_EQ(lots.size(), 2u);
  EXPECT_EQ(lots[0].lot.text, "A-1");
  EXPECT_EQ(lots[1].lot.text, "B/2");
  EXPECT_EQ(lots[1].gtin.text, "06901234567892");
  e = {{"epcList", {"https://id.gs1.org/01/06901234567892/21/7"}},
       {"ilmd", {{"cbvmda:lotNumber", "C-3"}}}};
  ASSERT_EQ(lots_named(e, {}).size(), 1u);
  EXPECT_EQ(lots_named(e, {})[0].lot.text, "C-3");
  for (const char* name : {"urn:epcglobal:cbv:mda:lotNumber", "m:lotNumber"}) {
    e["ilmd"] = {{name, "C-4"}};
    const auto context = *epcis::Context::read({{"m", "urn:epcglobal:cbv:mda:"}});
    ASSERT_EQ(lots_named(e, context).size(), 1u) << name;
    EXPECT_EQ(lots_named(e, context)[0].lot.text, "C-4");
  }
  EXPECT_TRUE(lots_named(e, {}).empty()) << "m is not known here";
  e["ilmd"] = {{"cbvmda:lotNumber", "C-3"}};
  e["epcList"].push_back("https://id.gs1.org/01/09506000134352/21/7");
  EXPECT_TRUE(lots_named(e, {}).empty()) << "of which of the two?";
}

TEST(LotsNamed, AreThoseOfInstancesThatNameThem) {
  const epcis::Json e = {{"epcList",
                          {"https://id.gs1.org/01/06901234567892/10/D%2F4/21/7",
                           "https://id.gs1.org/01/06901234567892/22/V/10/D-5/21/8",
                           "urn:epc:id:sgtin:6901234.056789.9"}}};
  const auto lots = lots_named(e, {});
  ASSERT_EQ(lots.size(), 2u);
  EXPECT_EQ(lots[0].lot.text, "D/4");
  EXPECT_EQ(lots[1].lot.text, "D-5");
}

}  // namespace
}  // namespace lotmark::node::test

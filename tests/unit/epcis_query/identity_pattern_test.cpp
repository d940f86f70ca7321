#include "core/epcis/query/identity_pattern.h"

#include <gtest/gtest.h>

namespace lotmark::epcis {
namespace {

IdentityPatterns patterns(std::string_view text) {
  IdentityPatterns out;
  const auto added = out.add(text);
  EXPECT_TRUE(added) << added.error().message();
  return out;
}
bool instance(std::string_view pattern, std::string_view uri) {
  return patterns(pattern).cover_instance(Identity::of(uri));
}
bool of_class(std::string_view pattern, std::string_view uri) {
  return patterns(pattern).cover_class(Identity::of(uri));
}
Errc pattern_refused(std::string_view text) { return IdentityPatterns().add(text).code(); }

constexpr auto kItem = "urn:epc:id:sgtin:0614141.107346.2018";
constexpr auto kItemLink = "https://shop.example/a/01/10614141073464/21/2018?17=261231";

TEST(IdentityPattern, AnItemIsFoundInEitherForm) {
  EXPECT_TRUE(instance(kItem, kItem));
  EXPECT_TRUE(instance(kItem, kItemLink));
  EXPECT_TRUE(instance(kItemLink, kItem));
  EXPECT_FALSE(instance(kItem, "urn:epc:id:sgtin:0614141.107346.2019"));
}

TEST(IdentityPattern, AClassCoversItsInstances) {
  for (const auto& pattern :
       {"urn:epc:idpat:sgtin:0614141.107346.*", "https://id.gs1.org/01/10614141073464"}) {
    EXPECT_TRUE(instance(pattern, kItem)) << pattern;
    EXPECT_TRUE(instance(pattern, kItemLink)) << pattern;
    EXPECT_FALSE(instance(pattern, "urn:epc:id:sgtin:0614141.107347.2018")) << pattern;
  }
  EXPECT_TRUE(instance("urn:epc:idpat:grai:0614141.12345.*", "urn:epc:id:grai:0614141.12345.77"));
  EXPECT_FALSE(instance("urn:epc:idpat:grai:0614141.12345.*", "urn:epc:id:grai:0614141.12346.77"));
  EXPECT_TRUE(instance("urn:epc:idpat:gdti:0614141.12345.*", "urn:epc:id:gdti:0614141.12345.9"));
}

TEST(IdentityPattern, ACompanyPrefixCoversWhatItNumbers) {
  constexpr auto kItems = "urn:epc:idpat:sgtin:0614141.*.*";
  EXPECT_TRUE(instance(kItems, kItem));
  EXPECT_TRUE(instance(kItems, kItemLink));
  EXPECT_FALSE(instance(kItems, "urn:epc:id:sgtin:0614142.107346.2018"));
  EXPECT_FALSE(instance(kItems, "https://id.gs1.org/01/10614141073464/10/LOT"));
  constexpr auto kPallets = "urn:epc:idpat:sscc:0614141.*";
  EXPECT_TRUE(instance(kPallets, "urn:epc:id:sscc:0614141.1234567890"));
  EXPECT_TRUE(instance(kPallets, "https://id.gs1.org/00/106141412345678908"));
  EXPECT_FALSE(instance(kPallets, "urn:epc:id:sscc:0614142.1234567890"));
  EXPECT_FALSE(instance(kPallets, kItem));
}

TEST(IdentityPattern, ASchemeCoversAllOfIt) {
  EXPECT_TRUE(instance("urn:epc:idpat:sgtin:*.*.*", kItemLink));
  EXPECT_FALSE(instance("urn:epc:idpat:sgtin:*.*.*", "urn:epc:id:upui:0614141.107346.abc"));
  EXPECT_TRUE(instance("urn:epc:idpat:giai:*.*", "urn:epc:id:giai:0614141.77"));
  EXPECT_FALSE(instance("urn:epc:idpat:giai:*.*", kItem));
}

TEST(IdentityPattern, APlaceCoversWhatIsInIt) {
  constexpr auto kPlace = "urn:epc:idpat:sgln:0614141.07346.*";
  EXPECT_TRUE(instance(kPlace, "urn:epc:id:sgln:0614141.07346.0"));
  EXPECT_TRUE(instance(kPlace, "urn:epc:id:sgln:0614141.07346.1234"));
  EXPECT_FALSE(instance(kPlace, "urn:epc:id:sgln:0614141.07347.0"));
}

TEST(IdentityPattern, ClassesAreEqualAndALotIsNotItsGtin) {
  constexpr auto kGtin = "urn:epc:idpat:sgtin:0614141.107346.*";
  constexpr auto kLot = "urn:epc:class:lgtin:0614141.107346.A1";
  EXPECT_TRUE(of_class(kGtin, "https://id.gs1.org/01/10614141073464"));
  EXPECT_TRUE(of_class(kLot, "https://id.gs1.org/01/10614141073464/10/A1"));
  EXPECT_FALSE(of_class(kGtin, kLot));
  EXPECT_FALSE(of_class(kLot, kGtin));
  EXPECT_TRUE(of_class("urn:epc:idpat:sgtin:0614141.*.*", kGtin));
  EXPECT_FALSE(of_class("urn:epc:idpat:sgtin:0614141.*.*", kLot));
}

TEST(IdentityPattern, ALotsPatternDoesNotCoverItems) {
  EXPECT_FALSE(instance("urn:epc:class:lgtin:0614141.107346.A1",
                        "https://id.gs1.org/01/10614141073464/10/A1/21/2018"));
}

TEST(IdentityPattern, SchemesWithoutAGs1KeyAreComparedAsWritten) {
  EXPECT_TRUE(instance("urn:epc:idpat:gid:95100000.12345.*", "urn:epc:id:gid:95100000.12345.400"));
  EXPECT_FALSE(instance("urn:epc:idpat:gid:95100000.12345.*", "urn:epc:id:gid:95100000.1234.400"));
  EXPECT_TRUE(instance("urn:epc:idpat:gid:1.2.3", "urn:epc:id:gid:1.2.3"));
}

TEST(IdentityPattern, OtherUrisAreEqualOrNot) {
  EXPECT_TRUE(instance("urn:uuid:6f2c", "urn:uuid:6f2c"));
  EXPECT_FALSE(instance("urn:uuid:6f2c", "urn:uuid:6F2C"));
  EXPECT_FALSE(instance("https://farm.example/*", "https://farm.example/1"));
}

TEST(IdentityPattern, WhatIsNoPatternIsRefused) {
  for (const auto* text :
       {"", "0614141", "urn:", ":x", "a b:c", "urn:epc:idpat:sgtin",
        "urn:epc:idpat:sgtin:", "urn:epc:idpat:sgtin:*", "urn:epc:idpat:sgtin:*.107346.*",
        "urn:epc:idpat:sgtin:061414a.*.*", "urn:epc:idpat:sgtin:12345.*.*",
        "urn:epc:idpat:sgtin:0614141.1.*", "urn:epc:idpat:sgtin:0614141.107346.*.*",
        "urn:epc:idpat:nothing:0614141.*.*", "urn:epc:idpat:sscc:0614141.1",
        "urn:epc:idpat:sgtin:0614141.10734*.*", "urn:epc:idpat:sgtin:.......................*"})
    EXPECT_EQ(pattern_refused(text), Errc::kUsage) << text;
}

}  // namespace
}  // namespace lotmark::epcis

#include <gtest/gtest.h>

#include "core/base/errc.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

void write_again(CborWriter& w, CborValue v) {
  switch (v.type()) {
    case CborType::kInt: return w.integer(v.integer());
    case CborType::kBytes: return w.bytes(v.bytes());
    case CborType::kText: return w.text(v.text());
    case CborType::kBool: return w.boolean(v.boolean());
    case CborType::kNull: return w.null();
    case CborType::kArray:
    case CborType::kMap: break;
  }
  const bool map = v.type() == CborType::kMap;
  map ? w.map(v.count()) : w.array(v.count());
  CborValue c = v.first();
  for (std::size_t i = 0; i < v.count() * (map ? 2 : 1); ++i, c = c.next()) write_again(w, c);
}

TEST(CborReader, AcceptsWhatTheContractAcceptsAndReencodesTheSameBytes) {
  for (const auto& c : test::contract("cbor.json")["accept"]) {
    const Bytes in = test::hex(c["hex"]);
    auto doc = CborDoc::parse(in);
    ASSERT_TRUE(doc) << c["name"] << ": " << doc.error().message();
    EXPECT_EQ(cbor_bytes([&](CborWriter& w) { write_again(w, doc->root()); }), in) << c["name"];
  }
}

TEST(CborReader, RefusesWhatTheContractRefusesWithItsNumber) {
  for (const auto& c : test::contract("cbor.json")["refuse"]) {
    auto doc = CborDoc::parse(test::hex(c["hex"]));
    ASSERT_FALSE(doc) << c["name"];
    EXPECT_EQ(static_cast<int>(doc.code()), c["errc"].get<int>())
        << c["name"] << " gave " << name(doc.code());
    EXPECT_EQ(name(doc.code()), c["error"].get<std::string>());
  }
}

TEST(CborReader, NeverReadsPastAnyTruncationOfADeepItem) {
  const Bytes whole = test::hex(test::contract("receipt.json")["receipt"]);
  for (std::size_t n = 0; n < whole.size(); n += 7) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_EQ(CborDoc::parse(cut).code(), Errc::kCborTruncated) << n;
  }
}

}  // namespace
}  // namespace lotmark

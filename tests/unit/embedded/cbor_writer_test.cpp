// The writer against the contract's accepted items, and at its edges.
#include <gtest/gtest.h>

#include "core/embedded/cbor.h"
#include "tests/unit/contract_vectors.h"

namespace {

using lotmark::Bytes;
using lotmark::test::contract;
using lotmark::test::hex;
using nlohmann::json;

void write(lm_cbor* w, const json& value) {
  if (value.is_null()) {
    lm_cbor_null(w);
  } else if (value.is_boolean()) {
    lm_cbor_bool(w, value.get<bool>());
  } else if (value.is_number_integer()) {
    lm_cbor_int(w, value.get<std::int64_t>());
  } else if (value.is_string()) {
    const auto text = value.get<std::string>();
    lm_cbor_text(w, text.data(), text.size());
  } else if (value.is_array()) {
    lm_cbor_array(w, value.size());
    for (const auto& item : value) write(w, item);
  } else if (value.contains("hex")) {
    const Bytes bytes = hex(value["hex"]);
    lm_cbor_bytes(w, bytes.data(), bytes.size());
  } else {
    lm_cbor_map(w, value["map"].size());
    for (const auto& pair : value["map"]) {
      write(w, pair[0]);
      write(w, pair[1]);
    }
  }
}

TEST(CborWriter, WritesEveryAcceptedItemOfTheContract) {
  const json vectors = contract("cbor.json");
  ASSERT_GE(vectors["accept"].size(), 30u);
  for (const auto& v : vectors["accept"]) {
    const Bytes expected = hex(v["hex"]);
    lm_cbor measure;
    lm_cbor_init(&measure, nullptr, 0);
    write(&measure, v["value"]);
    ASSERT_TRUE(lm_cbor_ok(&measure)) << v["name"];
    ASSERT_EQ(measure.len, expected.size()) << v["name"];
    Bytes out(expected.size());
    lm_cbor w;
    lm_cbor_init(&w, out.data(), out.size());
    write(&w, v["value"]);
    EXPECT_TRUE(lm_cbor_ok(&w)) << v["name"];
    EXPECT_EQ(out, expected) << v["name"];
  }
}

TEST(CborWriter, BufferTooSmallFailsAndIsNotOverrun) {
  const json value = json::parse(R"({"map": [[0, "machine"], [1, [1, 300, -70000, null]]]})");
  lm_cbor measure;
  lm_cbor_init(&measure, nullptr, 0);
  write(&measure, value);
  for (std::size_t cap = 0; cap < measure.len; cap++) {
    Bytes out(measure.len + 8, 0xee);
    lm_cbor w;
    lm_cbor_init(&w, out.data(), cap);
    write(&w, value);
    EXPECT_FALSE(lm_cbor_ok(&w)) << cap;
    EXPECT_LE(w.len, cap);
    for (std::size_t i = cap; i < out.size(); i++) ASSERT_EQ(out[i], 0xee) << cap;
  }
}

TEST(CborWriter, AnErrorStays) {
  std::uint8_t out[4];
  lm_cbor w;
  lm_cbor_init(&w, out, sizeof out);
  lm_cbor_uint(&w, 70000);  // 5 bytes
  EXPECT_FALSE(lm_cbor_ok(&w));
  lm_cbor_uint(&w, 1);
  EXPECT_FALSE(lm_cbor_ok(&w));
  EXPECT_EQ(w.len, 0u);
}

TEST(CborWriter, IntegersBeyond53BitsFail) {
  constexpr std::int64_t kMax = (std::int64_t{1} << 53) - 1;
  for (const auto& [value, ok] : {std::pair<std::int64_t, bool>{kMax, true},
                                  {kMax + 1, false},
                                  {-kMax, true},
                                  {-kMax - 1, false},
                                  {INT64_MIN, false},
                                  {INT64_MAX, false}}) {
    std::uint8_t out[16];
    lm_cbor w;
    lm_cbor_init(&w, out, sizeof out);
    lm_cbor_int(&w, value);
    EXPECT_EQ(lm_cbor_ok(&w), ok) << value;
  }
  std::uint8_t out[16];
  lm_cbor w;
  lm_cbor_init(&w, out, sizeof out);
  lm_cbor_uint(&w, UINT64_MAX);
  EXPECT_FALSE(lm_cbor_ok(&w));
}

TEST(CborWriter, TagAndSplitByteString) {
  Bytes out(8);
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  lm_cbor_tag(&w, 18);
  lm_cbor_bytes_head(&w, 3);
  lm_cbor_raw(&w, "abc", 3);
  out.resize(w.len);
  EXPECT_EQ(out, hex("d243616263"));
}

}  // namespace

// The small reader of CBOR: takes what the writer wrote, and of anything else nothing.
#include "core/embedded/cbor_read.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/embedded/cbor.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

lm_cbor_in reader(const Bytes& bytes) {
  lm_cbor_in r;
  lm_cbor_in_init(&r, {bytes.data(), bytes.size()});
  return r;
}

bool skips(const Bytes& bytes) {
  lm_cbor_in r = reader(bytes);
  lm_cbor_in_skip(&r);
  return lm_cbor_in_ok(&r) && r.rest.size == 0;
}

TEST(CborIn, NumbersOfEveryLengthComeBack) {
  for (std::uint64_t v : {0ull, 23ull, 24ull, 255ull, 256ull, 65535ull, 65536ull, 0xffffffffull,
                          0x100000000ull, 9007199254740991ull}) {
    Bytes out(9);
    lm_cbor w;
    lm_cbor_init(&w, out.data(), out.size());
    lm_cbor_uint(&w, v);
    out.resize(w.len);
    lm_cbor_in r = reader(out);
    EXPECT_EQ(lm_cbor_in_uint(&r), v);
    EXPECT_TRUE(lm_cbor_in_ok(&r) && r.rest.size == 0);
    for (std::size_t size = 0; size < out.size(); size++) {
      const Bytes cut(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
      lm_cbor_in short_one = reader(cut);
      EXPECT_EQ(lm_cbor_in_uint(&short_one), 0u);
      EXPECT_FALSE(lm_cbor_in_ok(&short_one));
    }
  }
}

TEST(CborIn, LongerFormsThanNeededAreRefused) {
  for (const Bytes& bytes :
       {Bytes{0x18, 23}, Bytes{0x19, 0, 255}, Bytes{0x1a, 0, 0, 255, 255},
        Bytes{0x1b, 0, 0, 0, 0, 255, 255, 255, 255}, Bytes{0x1c}, Bytes{0x1f}, Bytes{0x5f, 0xff}}) {
    EXPECT_FALSE(skips(bytes));
  }
}

TEST(CborIn, SkipsOneItemWhateverItIs) {
  EXPECT_TRUE(skips({0xa2, 0x00, 0x82, 0x01, 0x20, 0x01, 0x42, 0xff, 0xff}));
  EXPECT_TRUE(skips({0xd2, 0x84, 0x40, 0xa0, 0xf6, 0x61, 'x'}));
  EXPECT_TRUE(skips({0xf5}));
  EXPECT_TRUE(skips({0x80}));
  EXPECT_FALSE(skips({}));
  EXPECT_FALSE(skips({0x81}));
  EXPECT_FALSE(skips({0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_FALSE(skips({0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(skips({0xfb, 0, 0, 0, 0, 0, 0, 0, 0}));  // a float: not of our profile
  EXPECT_TRUE(skips({0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x01}));
  EXPECT_FALSE(skips(Bytes(40, 0x81)));
}

TEST(CborIn, AfterAnErrorNothingIsRead) {
  const Bytes bytes{0x01, 0x02};
  lm_cbor_in r = reader(bytes);
  EXPECT_EQ(lm_cbor_in_bytes(&r).size, 0u);
  EXPECT_EQ(lm_cbor_in_uint(&r), 0u);
  EXPECT_EQ(lm_cbor_in_array(&r), 0u);
  EXPECT_FALSE(lm_cbor_in_null(&r));
  EXPECT_FALSE(lm_cbor_in_ok(&r));
}

TEST(CborIn, RubbishNeverReadsPastItsEnd) {
  std::mt19937 random(11);
  for (int i = 0; i < 20000; i++) {
    const Bytes bytes = [&] {
      Bytes out(random() % 40);
      for (auto& b : out) b = static_cast<std::uint8_t>(random());
      return out;
    }();
    lm_cbor_in r = reader(bytes);
    while (lm_cbor_in_ok(&r)) lm_cbor_in_skip(&r);
    EXPECT_LE(r.rest.size, bytes.size());
  }
}

}  // namespace

// Whether an answer names one of ours.
#include "firmware/app/named.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/arrival.h"

namespace lotmark::test {
namespace {

TEST(Named, IdCountsOnlyInThePayload) {
  const Digest id = chain_of(0x42);
  const auto names = [&](const Bytes& b) {
    return lm_object_names({b.data(), b.size()}, id.data());
  };
  const Bytes good = arrival_naming(id);
  EXPECT_TRUE(names(good));
  EXPECT_FALSE(names(arrival_naming(chain_of(0x43))));
  Bytes in_header{0xd2, 0x84, 0x58, 0x20};
  in_header.insert(in_header.end(), 32, 0x42);
  in_header.insert(in_header.end(), {0xa0, 0x41, 0x00, 0x58, 0x40});
  EXPECT_FALSE(names(in_header));
  EXPECT_FALSE(names(Bytes(40, 0x42)));
  // Cut anywhere before the payload's end it has no payload. Exact-sized copies, so that a
  // sanitizer sees every byte read too far.
  for (std::size_t size = 0; size < 50; size++) {
    const Bytes cut(good.begin(),
                    good.begin() + static_cast<std::ptrdiff_t>(std::min(size, good.size())));
    EXPECT_FALSE(names(cut) && size < 46) << size;
  }
}

TEST(Named, LongPayloadsAreRead) {
  const Digest id = chain_of(0x42);
  Bytes object{0xd2, 0x84, 0x40, 0xa0, 0x59, 0x01, 0x2c};
  object.resize(object.size() + 300, 0);
  std::fill_n(object.end() - 32, 32, std::uint8_t{0x42});
  EXPECT_TRUE(lm_object_names({object.data(), object.size()}, id.data()));
  object.pop_back();
  EXPECT_FALSE(lm_object_names({object.data(), object.size()}, id.data()));
}

}  // namespace
}  // namespace lotmark::test

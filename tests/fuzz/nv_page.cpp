// The firmware's non-volatile page: any page is read or found damaged, what was read stands in both places and is read
// again, and no boot number is given out twice.
#include "firmware/app/nv.h"

#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

using Page = std::array<std::uint8_t, LM_NV_PAGE_BYTES>;

int nv_read(void* ctx, std::size_t offset, std::uint8_t* data, std::size_t size) {
  const auto& page = *static_cast<Page*>(ctx);
  LM_ASSERT(offset <= page.size() && size <= page.size() - offset);
  std::copy_n(page.begin() + static_cast<std::ptrdiff_t>(offset), size, data);
  return 0;
}
int nv_write(void* ctx, std::size_t offset, const std::uint8_t* data, std::size_t size) {
  auto& page = *static_cast<Page*>(ctx);
  LM_ASSERT(offset <= page.size() && size <= page.size() - offset);
  std::copy_n(data, size, page.begin() + static_cast<std::ptrdiff_t>(offset));
  return 0;
}

void fuzz_nv_page(ByteView in) {
  Page page{};
  std::copy_n(in.begin(), std::min(in.size(), page.size()), page.begin());
  lm_hal hal{};
  hal.ctx = &page;
  hal.nv_read = nv_read;
  hal.nv_write = nv_write;
  const Page given = page;
  lm_nv_identity identity{};
  if (lm_nv_read_identity(&hal, &identity) == kLmNvOk) {
    LM_ASSERT(identity.machine_size >= 1 && identity.machine_size <= LM_MACHINE_BYTES_MAX);
    LM_ASSERT(lm_machine_ok(identity.machine, identity.machine_size));
    const Page settled = page;
    lm_nv_identity again{};
    LM_ASSERT(lm_nv_read_identity(&hal, &again) == kLmNvOk && page == settled);
    LM_ASSERT(std::equal(identity.key, identity.key + LM_KEY_BYTES, again.key));
    LM_ASSERT(std::equal(page.begin() + 320, page.end(), given.begin() + 320));  // chain and slots
  } else {
    LM_ASSERT(page == given);
  }
  const Page before = page;
  std::uint8_t chain[LM_DIGEST_BYTES];
  (void)lm_nv_read_chain(&hal, chain);
  LM_ASSERT(page == before);
  std::uint64_t first = 0;
  if (lm_nv_count_boot(&hal, &first) != kLmNvOk) return;
  std::uint64_t second = 0;
  const auto result = lm_nv_count_boot(&hal, &second);
  LM_ASSERT(result == kLmNvFull || (result == kLmNvOk && second == first + 1));
  LM_ASSERT(
      std::equal(page.begin(), page.begin() + 448, before.begin()));  // only the slots changed
}

}  // namespace
LM_FUZZ_TARGET(nv_page, fuzz_nv_page);
}  // namespace lotmark

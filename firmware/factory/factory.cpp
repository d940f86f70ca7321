#include "firmware/factory/factory.h"

#include <fcntl.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "firmware/hal/host/hal_host.h"

namespace lotmark::firmware {
namespace {

std::string hex(const std::uint8_t* data, std::size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < size; i++) {
    out += kDigits[data[i] >> 4];
    out += kDigits[data[i] & 15];
  }
  return out;
}

bool unhex(std::string_view text, std::array<std::uint8_t, LM_DIGEST_BYTES>& out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return false;
    out[i / 2] = static_cast<std::uint8_t>(out[i / 2] << 4 | digit);
  }
  return true;
}

int rng(void*, unsigned char* out, std::size_t size) { return lm_host_random(nullptr, out, size); }

bool new_key(std::uint8_t out[LM_KEY_BYTES]) {
  mbedtls_ecp_group group;
  mbedtls_mpi key;
  mbedtls_ecp_group_init(&group);
  mbedtls_mpi_init(&key);
  int failed = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1);
  if (failed == 0) failed = mbedtls_ecp_gen_privkey(&group, &key, rng, nullptr);
  if (failed == 0) failed = mbedtls_mpi_write_binary(&key, out, LM_KEY_BYTES);
  mbedtls_mpi_free(&key);
  mbedtls_ecp_group_free(&group);
  return failed == 0;
}

bool read_key(const std::string& file, std::uint8_t out[LM_KEY_BYTES], std::string& error) {
  mbedtls_pk_context pk;
  mbedtls_pk_init(&pk);
  bool ok = false;
  if (mbedtls_pk_parse_keyfile(&pk, file.c_str(), nullptr) != 0) {
    error = file + ": no private key in PEM that can be read without a password";
  } else if (!mbedtls_pk_can_do(&pk, MBEDTLS_PK_ECDSA) ||
             mbedtls_pk_ec(pk)->grp.id != MBEDTLS_ECP_DP_SECP256R1) {
    error = file + ": not a P-256 key";
  } else if (mbedtls_mpi_write_binary(&mbedtls_pk_ec(pk)->d, out, LM_KEY_BYTES) != 0) {
    error = file + ": key out of range";
  } else {
    ok = true;
  }
  mbedtls_pk_free(&pk);
  return ok;
}

// A fingerprint as people read it, eight groups of eight digits, in one.
std::string ungrouped(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

bool write_page(const std::string& file, const std::vector<std::uint8_t>& page,
                std::string& error) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    error = file + ": " + std::strerror(errno);
    // Writing over a page would begin the boot count anew under a key that may have signed.
    if (errno == EEXIST) error += "; a page is never written over: move it away first";
    return false;
  }
  const bool ok = ::write(fd, page.data(), page.size()) == static_cast<ssize_t>(page.size()) &&
                  ::fsync(fd) == 0;
  if (!ok) error = file + ": " + std::strerror(errno);
  ::close(fd);
  if (!ok) ::unlink(file.c_str());
  return ok;
}

// What a page is made of; wiped when it goes.
struct Secrets {
  lm_nv_identity identity{};
  std::array<std::uint8_t, LM_SEED_BYTES> seed{};
  bool seeded = false;  // the page gets the seed, the device makes the key

  Secrets() = default;
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  ~Secrets() {
    mbedtls_platform_zeroize(&identity, sizeof identity);
    mbedtls_platform_zeroize(seed.data(), seed.size());
  }
};

bool fill(const FactoryOptions& options, Secrets& out, std::string& error) {
  lm_nv_identity& identity = out.identity;
  if (!lm_machine_ok(options.machine.data(), options.machine.size())) {
    error = "--machine: 1 to 64 bytes of UTF-8 without control characters";
    return false;
  }
  std::memcpy(identity.machine, options.machine.data(), options.machine.size());
  identity.machine_size = options.machine.size();
  identity.interval_s = options.interval_s;
  out.seeded = options.eeprom && options.key.empty();
  bool made = lm_host_random(nullptr, identity.secret, LM_SECRET_BYTES) == 0;
  if (out.seeded) {
    made = lm_host_random(nullptr, out.seed.data(), out.seed.size()) == 0 &&
           lm_nv_derive(out.seed.data(), &identity) == 0;
  } else if (!options.key.empty()) {
    if (!read_key(options.key, identity.key, error)) return false;
  } else {
    made = made && new_key(identity.key);
  }
  if (!made) error = "no key could be made: the system's random generator failed";
  return made;
}

bool make_page(const FactoryOptions& options, const Secrets& secrets, const std::uint8_t* chain,
               std::string& error) {
  // What was never written reads as an erased EEPROM does.
  std::vector<std::uint8_t> page(options.eeprom ? kEepromBytes : LM_NV_PAGE_BYTES, 0xff);
  const bool made = secrets.seeded ? lm_nv_make_seed_page(&secrets.identity, secrets.seed.data(),
                                                          chain, page.data())
                                   : lm_nv_make_page(&secrets.identity, chain, page.data());
  const bool done = made && write_page(options.nv, page, error);
  mbedtls_platform_zeroize(page.data(), page.size());
  return done;
}

std::optional<DeviceIdentity> public_side(const lm_nv_identity& identity, std::string& error) {
  lm_hal hal{};
  hal.random = lm_host_random;
  lm_signer signer;
  std::optional<DeviceIdentity> out;
  if (lm_signer_init(&signer, identity.key, &hal) == 0) {
    out = DeviceIdentity{hex(signer.public_key, sizeof signer.public_key),
                         hex(signer.kid, sizeof signer.kid)};
  } else {
    error = "the key is no valid P-256 key";
  }
  lm_signer_free(&signer);
  return out;
}

}  // namespace

std::optional<DeviceIdentity> make_device(const FactoryOptions& options, std::string& error) {
  error.clear();
  std::array<std::uint8_t, LM_DIGEST_BYTES> chain{};
  if (!options.chain.empty() && !unhex(ungrouped(options.chain), chain)) {
    error = "--chain: 64 hex digits, the id of the genesis block, in groups of eight or in one";
    return std::nullopt;
  }
  Secrets secrets;
  if (!fill(options, secrets, error)) return std::nullopt;
  auto out = public_side(secrets.identity, error);
  if (out && !make_page(options, secrets, options.chain.empty() ? nullptr : chain.data(), error)) {
    out.reset();
  }
  return out;
}

bool write_text(const std::string& file, const std::string& text, std::string& error) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) error = file + ": cannot be written";
  return static_cast<bool>(out);
}

}  // namespace lotmark::firmware

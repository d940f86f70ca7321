#include "bench/ingest/prepared.h"

#include "core/base/random.h"
#include "core/crypto/key_file.h"

namespace lotmark::bench {

namespace {

constexpr std::uint64_t kStart = 1767600000000;  // 2026-01-05T08:00:00Z
constexpr std::uint64_t kMinute = 60000;

struct Log {
  LifeId life = random_fixed<LifeId>();
  std::uint64_t seq = 0;
  std::optional<Digest> prev;
};

// A cold store: near 4.50 Cel, the same for everybody who runs this.
std::int64_t value_at(std::uint64_t n) {
  return 450 + static_cast<std::int64_t>(n * 7919 % 97) - 48;
}

Result<Prepared::One> make_bundle(const Device& device, Log& log, const Prepared& p) {
  BundleWire wire;
  wire.salt = random_fixed<Digest>();
  auto& r = wire.channels.emplace_back();
  const std::uint64_t from = kStart + log.seq * kMinute;
  for (std::uint64_t i = 0; i < p.readings; ++i) {
    r.times.push_back(from + i * (kMinute / p.readings));
    r.quantity.push_back(value_at(log.seq * p.readings + i));
  }
  LM_ASSIGN(auto root, quantity_root(wire.salt, 0, r));
  Bundle b;
  b.device = device.signer->kid();
  b.life = log.life;
  b.seq = ++log.seq;
  b.prev = log.prev;
  b.from = r.times.front();
  b.to = b.made = r.times.back();
  b.channels.push_back({"temp", ChannelKind::kQuantity, "Cel", {-2}, root.annotation, root.hash});
  LM_ASSIGN(auto sealed, seal(b, *device.signer, p.chain));
  LM_ASSIGN(auto opened, open<Bundle>(sealed.bytes, p.chain));
  LM_ASSIGN(auto outside, read_sign1(sealed.bytes, {"bundle", &p.chain}));
  log.prev = sealed.id;
  wire.bundle = sealed.bytes;
  Prepared::One one;
  // Sig_structure: array head, "Signature1", empty bstr, and two bstr heads of 3 bytes.
  one.signed_bytes = 1 + 11 + 1 + 6 + outside.protected_header.size() + outside.payload.size();
  one.id = sealed.id;
  one.signature = opened.signature;
  one.annotation = root.annotation;
  one.message = {bus::to_string({p.organisation, device.name, "bundle"}),
                 encode_wire(wire, b.channels), false};
  return one;
}

}  // namespace

std::vector<Device> make_devices(std::size_t count) {
  std::vector<Device> out;
  for (std::size_t i = 0; i < count; ++i) {
    auto signer = signer_openssl(new_scalar().view());
    LM_ASSERT(signer);
    out.push_back({"unit-" + std::to_string(i), std::move(*signer)});
  }
  return out;
}

Result<std::vector<Device>> read_devices(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ec;
  for (const auto& f : std::filesystem::directory_iterator(folder, ec)) {
    if (f.path().extension() == ".pem") files.push_back(f.path());
  }
  if (ec) return fail(Errc::kIo, "cannot read " + folder.string() + ": " + ec.message());
  std::ranges::sort(files);
  std::vector<Device> out;
  for (const auto& f : files) {
    LM_ASSIGN(auto scalar, read_key_file(f));
    LM_ASSIGN(auto signer, signer_openssl(scalar.view()));
    out.push_back({f.stem().string(), std::move(signer)});
  }
  if (out.empty()) return fail(Errc::kUsage, "no NAME.pem in " + folder.string());
  return out;
}

Status write_devices(const std::filesystem::path& folder, std::size_t count) {
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  for (std::size_t i = 0; i < count; ++i) {
    LM_TRY(write_key_file(folder / ("unit-" + std::to_string(i) + ".pem"), new_scalar()));
  }
  return {};
}

Result<Prepared> prepare(std::vector<Device> devices, const std::string& organisation,
                         const Digest& chain, std::size_t bundles, std::size_t readings) {
  Prepared p{organisation, chain, readings, std::move(devices), {}};
  std::vector<Log> logs(p.devices.size());
  p.bundles.reserve(bundles);
  for (std::size_t i = 0; i < bundles; ++i) {
    const std::size_t d = i % p.devices.size();
    LM_ASSIGN(auto one, make_bundle(p.devices[d], logs[d], p));
    one.device = d;
    p.bundles.push_back(std::move(one));
  }
  return p;
}

}  // namespace lotmark::bench

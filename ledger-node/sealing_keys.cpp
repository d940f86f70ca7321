// What [sealing] names, loaded.
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "ledger-node/chain/private/sealing_rules.h"
#include "ledger-node/sealing_config.h"

namespace lotmark::node {

Result<std::shared_ptr<const sealed::OpeningKey>> load_opening_key(const SealingConfig& config,
                                                                   const KeyId& record_kid) {
  const auto unusable = [&](const std::string& why) {
    return fail(Errc::kConfig, "sealing.key " + config.key.string() + ": " + why);
  };
  const auto scalar = read_key_file(config.key);
  if (!scalar) return unusable(scalar.error().message());
  auto key = sealed::OpeningKey::from(*scalar);
  if (!key) return unusable(key.error().message());
  if (key->kid() == record_kid)
    return unusable(
        "is the record key: keys that sign open nothing; `lotmark key reader` makes one");
  return std::make_shared<const sealed::OpeningKey>(*std::move(key));
}

Result<std::shared_ptr<const chain::SealingRules>> load_sealing(
    const SealingConfig& config, std::shared_ptr<const sealed::OpeningKey> own) {
  auto rules = std::make_shared<chain::SealingRules>();
  rules->own = std::move(own);
  rules->rewrappers = config.rewrappers;
  for (const auto& r : config.readers) {
    auto key = sealed::ReaderKey::from(r.key);
    if (!key)
      return fail(Errc::kConfig, "sealing.readers " + r.name + ": " + key.error().message());
    rules->readers.push_back({r.name, *key, r.member, r.partner, r.regulator, r.until});
  }
  return std::shared_ptr<const chain::SealingRules>(std::move(rules));
}

}  // namespace lotmark::node

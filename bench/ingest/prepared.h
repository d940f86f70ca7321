// Bundles as devices would send them, signed before anything is measured.
#pragma once

#include <filesystem>

#include "core/bus/bus.h"
#include "core/wire/bundle_wire.h"

namespace lotmark::bench {

struct Device {
  std::string name;
  std::unique_ptr<Signer> signer;
};

struct Prepared {
  std::string organisation;
  Digest chain;
  std::size_t readings = 0;  // a bundle
  std::vector<Device> devices;
  struct One {
    std::size_t device = 0;
    std::size_t signed_bytes = 0;  // what the id is a hash of
    Digest id;
    Signature signature;
    merkle::Annotation annotation;
    bus::Message message;
  };
  std::vector<One> bundles;  // device by device in turn, each in the order of its log
};

// Keys of their own: made here, or read from the files NAME.pem of a folder.
std::vector<Device> make_devices(std::size_t count);
Result<std::vector<Device>> read_devices(const std::filesystem::path& folder);
// Writes NAME.pem for `count` devices, so that they can be enrolled first.
Status write_devices(const std::filesystem::path& folder, std::size_t count);

// Each bundle covers a minute; none crosses an hour.
Result<Prepared> prepare(std::vector<Device> devices, const std::string& organisation,
                         const Digest& chain, std::size_t bundles, std::size_t readings);

}  // namespace lotmark::bench

// Where `ca init` puts what:
// DIR/{ca,root,members/NAME,devices/NAME,operators/NAME,brokers/NAME,apis/NAME,lines}, and where NATS is used
// DIR/{nats/NAME,nats-admins/ORGANISATION,routes/ca}.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cli/ca/description.h"
#include "core/crypto/p256.h"

namespace lotmark::cli {

struct Layout {
  std::filesystem::path dir;

  std::filesystem::path ca() const { return dir / "ca"; }
  std::filesystem::path root() const { return dir / "root"; }
  std::filesystem::path member(const std::string& name) const { return dir / "members" / name; }
  std::filesystem::path enrolled(const EnrolledPlan& e) const {
    if (e.api) return api(e.name);
    return dir / (e.kind == EnrolmentKind::kOperator ? "operators" : "devices") / e.name;
  }
  std::filesystem::path broker(const std::string& name) const { return dir / "brokers" / name; }
  std::filesystem::path api(const std::string& name) const { return dir / "apis" / name; }
  std::filesystem::path nats(const std::string& name) const { return dir / "nats" / name; }
  std::filesystem::path nats_route(const std::string& name) const { return nats(name) / "route"; }
  std::filesystem::path nats_admin(const std::string& organisation) const {
    return dir / "nats-admins" / organisation;
  }
  std::filesystem::path nats_system(const std::string& organisation) const {
    return nats_admin(organisation) / "system";
  }
  // The CA of routes: whoever has a certificate of it is a server and may do anything in any account.
  std::filesystem::path routes() const { return dir / "routes"; }
  std::filesystem::path routes_ca() const { return routes() / "ca"; }
  std::filesystem::path line(const std::string& name) const {
    return dir / "lines" / (name + ".cbor");
  }
  std::filesystem::path anchor() const { return dir / "anchor.cbor"; }
  std::filesystem::path fingerprint() const { return dir / "fingerprint.txt"; }
};

// Public keys of everything named: a member, a device, an operator. Names are unique in the
// description.
using PublicKeys = std::map<std::string, PublicKey, std::less<>>;

// What init made, for the configurations and for whoever asked.
struct Founded {
  ConsortiumPlan plan;
  PublicKeys keys;
  PublicKeys
      opening;  // of keeping and reviewing members that have one: what segments are sealed for
  Digest chain;
  Bytes anchor;

  KeyId kid(std::string_view name) const { return key_id(keys.find(name)->second); }
};

// 64 hex digits in groups of 8, as docs/format/receipt.md has it.
std::string grouped_fingerprint(const Digest& chain);

}  // namespace lotmark::cli

#include <limits>
#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "cli/member/member.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/proof/statements.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

Result<Anchor> anchor_in(const std::string& file) {
  LM_ASSIGN(auto bytes, read_file(file, limits::kAnchor));
  return read_anchor(bytes);
}

// The link, behind those of the anchor; checked as every reader will.
Status roll(const RollArguments& a) {
  const auto to = fixed_from_hex<PublicKey>(a.to);
  if (!to || !Verifier::from(*to))
    return fail(Errc::kUsage, "--to must be an uncompressed P-256 point: 04 and 128 hex digits");
  LM_ASSIGN(auto anchor, anchor_in(a.anchor));
  LM_ASSIGN(auto held, proof::Statements::from_roots(anchor));
  LM_ASSIGN(const Scalar scalar, read_key_file(a.key));
  LM_ASSIGN(auto signer, signer_openssl(scalar.view()));
  if (signer->kid() != key_id(held.root_key_of(std::numeric_limits<std::uint64_t>::max())))
    return fail(Errc::kRolloverSigner, a.key + " is not the root key in force");
  const auto now = static_cast<std::uint64_t>(to_ms(SystemClock().now()));
  LM_ASSIGN(auto link, seal(Rollover{*to, a.first, now}, *signer, held.chain()));
  RolloverFile file;
  file.links = anchor.links;
  file.links.push_back({link.bytes});
  LM_TRY(held.follow(file.links));
  return write_file(a.out, encode(file));
}

Result<std::size_t> pin(const PinArguments& a) {
  LM_ASSIGN(auto anchor, anchor_in(a.anchor));
  LM_ASSIGN(auto bytes, read_file(a.rollover, limits::kObject));
  LM_ASSIGN(auto file, read_rollover(bytes));
  LM_ASSIGN(auto held, proof::Statements::from_roots(anchor));
  LM_TRY(held.follow(file.links));
  anchor.links = std::move(file.links);
  LM_TRY(proof::Statements::from_anchor(anchor));
  LM_TRY(write_file(a.out, encode_anchor(anchor)));
  return anchor.links.size();
}

}  // namespace

Exit run_root_roll(const RollArguments& a, Output& out) {
  if (Status done = roll(a); !done) return out.error(done.error());
  if (out.json) return out.value({{"first", a.first}, {"file", a.out}});
  out.line("statements from epoch " + std::to_string(a.first) +
           " on are signed by the new key; the link is in " + a.out);
  return Exit::kDone;
}

Exit run_root_pin(const PinArguments& a, Output& out) {
  const auto links = pin(a);
  if (!links) return out.error(links.error());
  if (out.json) return out.value({{"links", *links}, {"file", a.out}});
  out.line(a.out + " pins " + std::to_string(*links) + " links; programs of version 1 refuse it");
  return Exit::kDone;
}

}  // namespace lotmark::cli

// Who watches what others show a node: things that may contradict what their signer showed before. The chain knows one,
// so that whoever is shown something has whom to tell (ledger-node/evidence).
#pragma once

#include <vector>

#include "core/wire/sign1.h"

namespace lotmark::chain {

// This one looks away. Called with the node's lock held.
class Onlooker {
 public:
  virtual ~Onlooker() = default;

  // Blocks of one chain in order, the first of a number where another one is held here. Opened and not verified; told
  // before anything is decided about them.
  virtual void parted(const std::vector<Signed<Block>>& /*theirs*/) {}
  // A vote that member `from` showed, and what the chain said to it.
  virtual void voted(ByteView /*vote*/, const KeyId& /*from*/, const Status& /*added*/) {}
  // A turn whose signature was checked.
  virtual void turned(const Signed<Turn>& /*turn*/) {}
  // Two transactions of one signer that follow the same object.
  virtual void forked(ByteView /*transaction*/, ByteView /*other*/) {}
  // A promise, its signature checked, to order `object`, which decides `application`.
  virtual void promised(const Signed<Promise>& /*promise*/, ByteView /*object*/,
                        const Digest& /*application*/) {}

  // The file that proves this member to have signed two blocks for one number; nothing if none is kept here.
  virtual std::optional<std::string> block_forker(const KeyId& /*kid*/) const { return {}; }
};

}  // namespace lotmark::chain

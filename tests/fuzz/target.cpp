#include "tests/fuzz/target.h"

#include "tests/unit/contract_vectors.h"

namespace lotmark::fuzz {

std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

const Digest& contract_chain() {
  static const Digest chain = test::fixed<Digest>(test::contract("lot.json")["chain"]);
  return chain;
}
Bytes contract_receipt() { return test::hex(test::contract("receipt.json")["receipt"]); }
Bytes contract_anchor() { return test::hex(test::contract("receipt.json")["anchor"]); }

}  // namespace lotmark::fuzz

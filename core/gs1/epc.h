// What stands in the EPC memory of a Gen2 tag, as GS1 has it (EPC Tag Data Standard, TDS 2.0): identities by the
// classic schemes SGTIN, SSCC, SGLN, GRAI and GIAI and by SGTIN+, DSGTIN+, SSCC+ and SGLN+.
// docs/format/device.md, "EPC texts", says what of this stands in a bundle.
#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.h"

namespace lotmark::gs1 {

// The length field of a Gen2 tag counts to 31 words of 16 bits.
inline constexpr std::size_t kEpcBitsMax = 496;

// The bytes and how many bits of them count: the first ones.
struct EpcMemory {
  ByteView bytes;
  std::size_t bits = 0;  // at most 8 * bytes.size()
};

struct EpcIdentity {
  // Pure identity EPC URI (TDS 6.3). Empty for a "+" scheme: it does not say how long the company prefix is, which
  // such a URI needs.
  std::string urn;
  // GS1 Digital Link URI in the canonical form, host id.gs1.org; of a DSGTIN+ with its date as ?17=YYMMDD.
  std::string link;
};

// Nothing if no scheme of those above holds: unknown header, a number above its digits, a character outside GS1's
// set 82, a wrong check digit, bits that must be zero and are not. Zeros may follow up to the tag's end, and behind
// a "+" scheme whose toggle says so the data of further application identifiers, which are not read.
std::optional<EpcIdentity> read_epc(const EpcMemory& memory);

// "urn:epc:raw:96.x3000...", TDS 12: for any content. `afi` for a tag whose toggle says it is no EPC's:
// "urn:epc:raw:96.xA1.x3000...".
std::string raw_epc(const EpcMemory& memory, std::optional<std::uint8_t> afi = std::nullopt);

enum class EpcForm { kUrn, kLink };
// The text of an epc channel: the identity in that form, in the other one where a scheme lacks it, else raw.
std::string epc_text(const EpcMemory& memory, EpcForm form);

}  // namespace lotmark::gs1

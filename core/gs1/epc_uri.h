// EPC pure identity URIs, class URNs and class-level patterns as Digital Links, and back (GS1 EPC Tag Data Standard
// 2.x, sections 6 and 8; EPCIS 2.0 uses both kinds of URI). A URN says where a company's prefix ends, a link does not.
//
//   urn:epc:id:sgtin:9521141.012345.7     /01/09521141123454/21/7
//   urn:epc:class:lgtin:9521141.012345.L  /01/09521141123454/10/L
//   urn:epc:idpat:sgtin:9521141.012345.*  /01/09521141123454
//
// Schemes: sgtin, sscc, sgln, grai, giai, gsrn, gsrnp, gdti, cpi, sgcn, ginc, gsin, itip, upui, pgln, and lgtin.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/gs1/link.h"

namespace lotmark::gs1 {

inline constexpr std::size_t kEpcUriMax = 512;  // bytes; the longest that is one has about 150

// A link without stem, attributes and others; the extension 0 of an SGLN is none. Of patterns those of a class: all but
// the last component are given, which is "*". usage naming the fault for other URNs; as judge() refuses a value.
Result<Link> link_of_urn(std::string_view urn);

// The URN of what `link` identifies, its company prefix the longest of `prefixes` (6 to 12 digits each) with which the
// key begins. A link of a class gives a pattern, one of a lot the class URN. 22 and, beside 21, 10 add nothing to an
// identity and are left out. Nothing if no prefix fits, or no scheme has such an identity.
std::optional<std::string> urn_of_link(const Link& link, std::span<const std::string> prefixes);

}  // namespace lotmark::gs1

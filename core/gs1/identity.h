// What a URI identifies, whichever of GS1's ways it is written in: for comparing, indexing and hashing (CBV 2.0,
// canonical event hash). Pure functions of their text; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/gs1/link.h"

namespace lotmark::gs1 {

// What canonical_identity reads: the link with all that stands in it, or the one an EPC URN stands for.
std::optional<Link> link_of_identity(std::string_view uri);

// The canonical form of what a URI identifies: of an EPC URN, class URN, class-level pattern or Digital Link URI of any
// host "https://id.gs1.org/..." with the key and only the finest qualifier: 21 wins over 10, 22 is dropped, query and
// stem go, SGLN extension 0 goes, GTIN padded to 14 digits. Nothing for any other URI. Of links made before version 1.3
// names ("gtin", "ser") are read as well, a slash at the end is read over, and a check digit is taken as it stands:
// what was written on the thing is its identity, and whoever wants it judged reads the link. At most kLinkMax bytes.
std::optional<std::string> canonical_identity(std::string_view uri);
// The same of a link that was read.
std::string identity_of(const Link& link);

// The class an instance or lot belongs to: of .../01/G/21/S or .../01/G/10/L: .../01/G; of a GRAI, GDTI, SGCN, CPI,
// ITIP, UPUI instance its class. Nothing where the identity has no class above it (SSCC, SGLN, ...) or is one, and for
// a text that is not in the canonical form.
std::optional<std::string> class_of_identity(std::string_view canonical);

}  // namespace lotmark::gs1

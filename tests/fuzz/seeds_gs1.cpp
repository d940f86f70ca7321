// Links, EPC URIs and scans of barcodes, one of each form.
#include "tests/fuzz/seeds.h"

namespace lotmark::fuzz {

namespace {

// One byte of what is let pass, then the URI.
constexpr const char* kUris[] = {
    "\1https://shop.example:8443/way/01/9521141123454/22/V/10/L%2F7/21/"
    "42?17=281231&x&linkType=all#top",
    "\2HTTP://A/gtin/09521141123454/ser/S",
    "\4https://id.gs1.org/01/09521141123455/235/T?10=L",
    "\7https://a/8003/09521141123454A%2F1",
    "\7https://a/8010/9521%23A/8011/7",
    "\7https://a/414/9521141123454/254/0",
    "\7https://a/8006/095211411234540102/10/L/",
    "\7https://a/00/095201234567891235?02=09521141123454&37=25",
    "\7urn:epc:id:sgtin:9521141.012345.6789%2F%26%25%22!%3F()",
    "\7urn:epc:id:sscc:952012.03456789123",
    "\7urn:epc:id:sgln:952114112345..0",
    "\7urn:epc:id:giai:9521141.A%3C.b",
    "\7urn:epc:id:cpi:9521141.1-A%23%2F.1234",
    "\7urn:epc:id:itip:9521141.012345.01.02.987",
    "\7urn:epc:class:lgtin:9521141.012345.L(1)",
    "\7urn:epc:idpat:gdti:952114112345..*",
};

constexpr const char* kScans[] = {
    "(01)09521141123454(17)281231(10)L-7(21)a\\(10)b",
    "]d201095211411234541728123110L-7\x1d"
    "2142",
    "]C100095201234567891235",
    "]Q380030952114112345477\x1d"
    "980",
    "\x1d"
    "4149521141123454254X",
    "]E09521141123454",
    "96385074",
};

}  // namespace

std::vector<Seed> gs1_seeds() {
  std::vector<Seed> out;
  std::size_t count = 0;
  for (const auto* uri : kUris) {
    out.push_back({"gs1_link", std::to_string(count++), to_bytes(as_bytes(uri))});
  }
  for (const auto* scan : kScans) {
    out.push_back({"gs1_scan", std::to_string(count++), to_bytes(as_bytes(scan))});
  }
  return out;
}

}  // namespace lotmark::fuzz

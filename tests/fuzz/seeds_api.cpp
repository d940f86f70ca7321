// Requests of the API and queries of EPCIS, one of each form.
#include "tests/fuzz/seeds.h"

namespace lotmark::fuzz {

namespace {

constexpr const char* kQueries[] = {
    "EQ_bizStep=packing%7Cshipping&EQ_action=ADD&eventType=ObjectEvent",
    "GE_eventTime=2026-02-03T07:15:00Z&LT_eventTime=2027-01-01T00:00:00%2B01:00",
    "MATCH_anyEPC=urn:epc:idpat:sgtin:4012345.*.*&MATCH_epcClass=urn:epc:class:lgtin:4012345."
    "011122.L",
    "GE_value_CEL=7&EQ_type=Temperature&EXISTS_sensorElementList",
    "EQ_quantity_KGM=5&GT_quantity=4.5",
    "EQ_urn%3Afarm%3A%23a=7&EXISTS_INNER_urn%3Afarm%3A%23a=",
    "orderBy=eventTime&orderDirection=ASC&eventCountLimit=5&perPage=3&nextPageToken=x",
    "EQ_bizTransaction_po=urn:epcglobal:cbv:bt:4012345000009:1&WD_readPoint=urn:epc:id:sgln:"
    "4012345.00001.0",
    "EQ_eventID=urn:uuid:1&EXISTS_errorDeclaration&EQATTR_readPoint_a=b&maxEventCount=1",
};

constexpr const char* kRequests[] = {
    "GET /01/06901234567892/10/A-2026%2F01?17=281231\napplication/json;q=0.5, text/html\n",
    "GET /v1/verify/06901234567892/A-2026%2F01\n*/*\n",
    "HEAD /v1/receipts/06901234567892/A\n\n",
    "GET /v1/lots?after=1&limit=18446744073709551616\n\n",
    "OPTIONS /events\n\n",
    "GET /events?EQ_bizStep=packing&perPage=1&nextPageToken=AAAA\n\n",
    "GET /epcs/urn%3Aepc%3Aid%3Asgtin%3A4012345.011122.7/events\n\n",
    "GET /bizSteps/packing/events?orderBy=eventTime\n\n",
    "GET /capture?perPage=0\n\n",
    "POST /capture\n\n{}",
    "GET /page/..%2f..%2fetc%2fpasswd\n\n",
    "DELETE /\n\n",
};

}  // namespace

std::vector<Seed> api_seeds() {
  std::vector<Seed> out;
  int n = 0;
  for (const std::string_view text : kQueries)
    out.push_back({"epcis_query", "query-" + std::to_string(++n), to_bytes(as_bytes(text))});
  for (const std::string_view text : kRequests)
    out.push_back({"api_paths", "request-" + std::to_string(++n), to_bytes(as_bytes(text))});
  return out;
}

}  // namespace lotmark::fuzz

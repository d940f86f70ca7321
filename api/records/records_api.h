// Records of an enterprise, each by its commitment, as their readers may see them: segments whole, sealed for the reader
// that is asked for, or by their leaf alone (docs/operate/api.md, Records).
#pragma once

#include "api/access/roles.h"
#include "api/epcis/reader_pool.h"
#include "core/http/message.h"
#include "ledger-node/chain/private/record_reader.h"

namespace lotmark::api::records {

// Any thread.
class RecordsApi {
 public:
  // `readers` and `clock` outlive it. `organisation`: whose period chain it is.
  RecordsApi(epcis::ReaderPool& readers, const Clock& clock, const Digest& chain,
             std::string organisation)
      : readers_(readers), clock_(clock), chain_(chain), organisation_(std::move(organisation)) {}

  static bool is_record(std::string_view path);
  // Of a path that is_record. `sight`: what of the organisation's rows its caller may see.
  http::Response handle(const http::Request& request, const access::Sight& sight);

 private:
  struct Asked;
  // What a segment is to who asks.
  struct Shown;
  Result<Asked> read_asked(const http::Request& request, const access::Sight& sight) const;
  Result<Shown> shown(const chain::RecordReader& reader, const Asked& asked,
                      const chain::KeptRecord& record, std::uint64_t index) const;
  Result<http::Response> record(const chain::RecordReader& reader, const Asked& asked) const;
  Result<http::Response> segment(const chain::RecordReader& reader, const Asked& asked) const;

  epcis::ReaderPool& readers_;
  const Clock& clock_;
  Digest chain_;
  std::string organisation_;
};

}  // namespace lotmark::api::records

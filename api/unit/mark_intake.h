// POST /v1/marks: marks of use that shops and agencies signed (docs/format/mark.md), handed on to an agency's node. Open to
// everybody: what counts is who signed, and the node judges that.
#pragma once

#include <atomic>
#include <variant>

#include "api/epcis/node_line.h"
#include "core/http/message.h"

namespace lotmark::api {

using epcis::MarkLine;

// Safe to share between threads.
class MarkIntake {
 public:
  static constexpr std::size_t kMarksMax = 256;
  static constexpr std::size_t kBodyMax = 64 * 1024;
  // Requests that wait for the node at a time: a node that hangs must not hold all threads of the API.
  static constexpr int kWaitingMax = 2;

  // `line` outlives it; null: nothing is taken here.
  explicit MarkIntake(MarkLine* line) : line_(line) {}

  // 201 with what became of each once the node has them on its disk.
  http::Response post(const http::Request& request);

 private:
  MarkLine* line_;
  std::atomic<int> waiting_{0};
};

// The marks of a body by its content type: application/cose (one signed mark), application/cbor (a list of them as byte
// strings), application/json ({"marks": [base64, ...]}). The answer that refuses it, if it is none of these.
std::variant<std::vector<Bytes>, http::Response> marks_of_body(const http::Request& request);

}  // namespace lotmark::api

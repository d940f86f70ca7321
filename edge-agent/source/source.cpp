#include "edge-agent/source/source.h"

#include <exception>

namespace lotmark::agent {

Result<std::optional<Position>> run_guarded(Source& source, Sink& sink) {
  try {
    return source.run(sink);
  } catch (const std::exception& e) {
    return fail(Errc::kInternal, e.what());
  } catch (...) {
    return fail(Errc::kInternal, "an exception");
  }
}

}  // namespace lotmark::agent

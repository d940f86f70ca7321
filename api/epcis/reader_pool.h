// Readers of captured events.
#pragma once

#include "api/file_readers.h"
#include "ledger-node/capture/event_reader.h"

namespace lotmark::api::epcis {

using ReaderPool = FileReaders<node::EventReader>;

}  // namespace lotmark::api::epcis

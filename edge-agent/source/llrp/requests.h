// What this client asks of a reader. Each gives the body of the message of its name.
#pragma once

#include <optional>
#include <vector>

#include "edge-agent/source/llrp/message.h"

namespace lotmark::agent::llrp {

struct RospecOptions {
  std::vector<std::uint16_t> antennas;  // empty: all
  std::optional<std::uint8_t> session;  // Gen2 session, 0 to 3; none: the reader's own setting
  std::uint16_t population = 32;        // about how many tags are in the field; used with a session
};

Bytes get_reader_capabilities();  // 16.1.1, all of them
// 16.1.38: keepalives so often, events that say what may be missing, and, where the reader can, that it keeps
// reports while nobody is connected until ENABLE_EVENTS_AND_REPORTS (12.2.6.4).
Bytes set_reader_config(std::uint32_t keepalive_ms, bool hold_reports);
// 16.2.4.1: from its enabling on all antennas or those given, without end, one report a tag read (16.2.7.1). The
// id follows from the options: a reader that has a ROSpec of this id runs just this one.
std::uint32_t rospec_id(const RospecOptions& options);
Bytes add_rospec(const RospecOptions& options);  // 16.1.3
// 16.1.5, 16.1.7, 16.1.9 and 16.1.11: DELETE, START, STOP and ENABLE_ROSPEC have one form. 0: all.
Bytes rospec_reference(std::uint32_t id);

}  // namespace lotmark::agent::llrp

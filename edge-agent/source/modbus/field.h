// What a Modbus channel reads, how its registers become a number, and which registers go into one request. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "edge-agent/source/poll/exact.h"

namespace lotmark::agent {

// The four tables of the Modbus application protocol (V1.1b3, 4.3).
enum class ModbusTable : std::uint8_t { kHolding, kInput, kCoil, kDiscrete };
inline bool is_bit(ModbusTable t) { return t >= ModbusTable::kCoil; }

enum class ModbusType : std::uint8_t { kU16, kI16, kU32, kI32, kU64, kI64, kF32, kF64, kBit };

// In which order the bytes of a value come, named by those of a 32-bit one: abcd the highest first, cdab with the words
// the other way round, badc with the bytes of each word swapped, dcba both.
enum class ModbusOrder : std::uint8_t { kAbcd, kCdab, kBadc, kDcba };

struct ModbusField {
  ModbusTable table = ModbusTable::kHolding;
  int address = 0;  // as it travels: from 0, not 40001
  ModbusType type = ModbusType::kU16;
  ModbusOrder order = ModbusOrder::kAbcd;
};

// Registers or bits that it takes.
int width(ModbusType type);

// Of exactly width() registers; a float as the shortest decimal that reads back as the same one. Nothing for NaN and the
// infinities.
std::optional<Exact> decode(std::span<const std::uint16_t> registers, ModbusType type,
                            ModbusOrder order);

struct ModbusRequest {
  ModbusTable table = ModbusTable::kHolding;
  int address = 0;
  int count = 0;
  std::vector<std::size_t> fields;  // places in what was planned
};

// Requests that read all fields and no register between them that is nobody's: neighbours of one table go together, up to
// the protocol's 125 registers or 2,000 bits. `one_each`: a request a field.
std::vector<ModbusRequest> plan_requests(const std::vector<ModbusField>& fields, bool one_each);

}  // namespace lotmark::agent

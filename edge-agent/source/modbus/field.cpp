#include "edge-agent/source/modbus/field.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/base/assert.h"

namespace lotmark::agent {

namespace {

constexpr int kRegistersMax = 125;
constexpr int kBitsMax = 2000;

// The value's bits, its first byte the highest.
std::uint64_t assemble(std::span<const std::uint16_t> registers, ModbusOrder order) {
  const bool words_turned = order == ModbusOrder::kCdab || order == ModbusOrder::kDcba;
  const bool bytes_swapped = order == ModbusOrder::kBadc || order == ModbusOrder::kDcba;
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const unsigned word = registers[words_turned ? registers.size() - 1 - i : i];
    v = v << 16 | (bytes_swapped ? (word >> 8 | (word & 0xff) << 8) : word);
  }
  return v;
}

template <class Int>
Exact integer(std::uint64_t bits) {
  return Exact(static_cast<std::int64_t>(static_cast<Int>(bits)));
}

}  // namespace

int width(ModbusType type) {
  switch (type) {
    case ModbusType::kU32:
    case ModbusType::kI32:
    case ModbusType::kF32: return 2;
    case ModbusType::kU64:
    case ModbusType::kI64:
    case ModbusType::kF64: return 4;
    default: return 1;
  }
}

std::optional<Exact> decode(std::span<const std::uint16_t> registers, ModbusType type,
                            ModbusOrder order) {
  LM_ASSERT(registers.size() == static_cast<std::size_t>(width(type)));
  if (type == ModbusType::kBit) return Exact(std::int64_t{registers[0] != 0});
  const std::uint64_t v = assemble(registers, order);
  switch (type) {
    case ModbusType::kI16: return integer<std::int16_t>(v);
    case ModbusType::kI32: return integer<std::int32_t>(v);
    case ModbusType::kI64: return integer<std::int64_t>(v);
    case ModbusType::kF32: return Exact::of(std::bit_cast<float>(static_cast<std::uint32_t>(v)));
    case ModbusType::kF64: return Exact::of(std::bit_cast<double>(v));
    default: return Exact(v);
  }
}

std::vector<ModbusRequest> plan_requests(const std::vector<ModbusField>& fields, bool one_each) {
  std::vector<std::size_t> order(fields.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(
      order, {}, [&](std::size_t i) { return std::pair(fields[i].table, fields[i].address); });
  std::vector<ModbusRequest> out;
  for (const std::size_t i : order) {
    const auto& f = fields[i];
    const int end = f.address + width(f.type);
    const int most = is_bit(f.table) ? kBitsMax : kRegistersMax;
    auto* last = out.empty() ? nullptr : &out.back();
    if (one_each || last == nullptr || last->table != f.table ||
        f.address > last->address + last->count || end - last->address > most) {
      last = &out.emplace_back(ModbusRequest{f.table, f.address, 0, {}});
    }
    last->count = std::max(last->count, end - last->address);
    last->fields.push_back(i);
  }
  return out;
}

}  // namespace lotmark::agent

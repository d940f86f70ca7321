// Modbus without a line: registers to numbers, fields to requests.
#include <set>

#include "edge-agent/source/modbus/modbus.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using enum ModbusType;
using enum ModbusOrder;
using Registers = std::vector<std::uint16_t>;

Exact number(std::string_view text) { return *Exact::read(text); }

TEST(ModbusDecode, IntegersOfEachWidth) {
  EXPECT_EQ(decode(Registers{0xff48}, kI16, kAbcd), number("-184"));
  EXPECT_EQ(decode(Registers{0xff48}, kU16, kAbcd), number("65352"));
  EXPECT_EQ(decode(Registers{0xff48}, kU16, kBadc), number("18687"));
  EXPECT_EQ(decode(Registers{0x8000, 0}, kI32, kAbcd), number("-2147483648"));
  EXPECT_EQ(decode(Registers{0xffff, 0xffff}, kU32, kAbcd), number("4294967295"));
  EXPECT_EQ(decode(Registers{0xffff, 0xffff, 0xffff, 0xffff}, kU64, kAbcd),
            number("18446744073709551615"));
  EXPECT_EQ(decode(Registers{0xffff, 0xffff, 0xffff, 0xfffe}, kI64, kAbcd), number("-2"));
  EXPECT_EQ(decode(Registers{1}, kBit, kAbcd), number("1"));
}

// -18.25 is c1 92 00 00; 20.4 as mbpoll reads and writes it is 41 a3 33 33.
TEST(ModbusDecode, OrdersOfTwoWords) {
  EXPECT_EQ(decode(Registers{0x41a3, 0x3333}, kF32, kAbcd), number("20.4"));
  EXPECT_EQ(decode(Registers{0xc192, 0x0000}, kF32, kAbcd), number("-18.25"));
  EXPECT_EQ(decode(Registers{0x0000, 0xc192}, kF32, kCdab), number("-18.25"));
  EXPECT_EQ(decode(Registers{0x92c1, 0x0000}, kF32, kBadc), number("-18.25"));
  EXPECT_EQ(decode(Registers{0x0000, 0x92c1}, kF32, kDcba), number("-18.25"));
}

TEST(ModbusDecode, OrdersOfFourWords) {
  const std::vector<std::pair<ModbusOrder, Registers>> cases = {
      {kAbcd, {0x0102, 0x0304, 0x0506, 0x0708}},
      {kCdab, {0x0708, 0x0506, 0x0304, 0x0102}},
      {kBadc, {0x0201, 0x0403, 0x0605, 0x0807}},
      {kDcba, {0x0807, 0x0605, 0x0403, 0x0201}}};
  for (const auto& [order, registers] : cases) {
    EXPECT_EQ(decode(registers, kU64, order), Exact(std::uint64_t{0x0102030405060708}));
  }
  EXPECT_EQ(decode(Registers{0x40f8, 0x92d4, 0x3fe5, 0xc91d}, kF64, kAbcd), number("100653.2656"));
}

TEST(ModbusDecode, AFloatThatIsNoNumberIsNone) {
  EXPECT_FALSE(decode(Registers{0x7fc0, 0}, kF32, kAbcd));
  EXPECT_FALSE(decode(Registers{0xff80, 0}, kF32, kAbcd));
}

ModbusField field(ModbusTable table, int address, ModbusType type = kU16) {
  return {table, address, type, kAbcd};
}
constexpr auto kIn = ModbusTable::kInput;

// "first+count" of each request.
std::vector<std::string> plan(const std::vector<ModbusField>& fields, bool one_each = false) {
  std::vector<std::string> out;
  for (const auto& r : plan_requests(fields, one_each)) {
    out.push_back(std::to_string(r.address) + "+" + std::to_string(r.count));
  }
  return out;
}
using Plan = std::vector<std::string>;

TEST(ModbusPlan, NeighboursGoTogetherAndHolesAreNotRead) {
  EXPECT_EQ(
      plan({field(kIn, 4, kF32), field(kIn, 0), field(kIn, 1), field(kIn, 2, kU32), field(kIn, 7)}),
      (Plan{"0+6", "7+1"}));
}

TEST(ModbusPlan, TablesStayApartAndTheSameRegisterMayServeTwo) {
  EXPECT_EQ(plan({field(kIn, 0), field(ModbusTable::kHolding, 1), field(kIn, 0, kI16),
                  field(kIn, 0, kU32)}),
            (Plan{"1+1", "0+2"}));
}

TEST(ModbusPlan, ARequestEndsAtTheProtocolsLimit) {
  std::vector<ModbusField> many;
  for (int i = 0; i < 32; ++i) many.push_back(field(kIn, i * 4, kF64));
  EXPECT_EQ(plan(many), (Plan{"0+124", "124+4"}));
}

TEST(ModbusPlan, OneRequestAFieldWhereAsked) {
  EXPECT_EQ(plan({field(kIn, 1), field(kIn, 0)}, true), (Plan{"0+1", "1+1"}));
}

TEST(ModbusPlan, EachFieldIsInOneRequestThatHoldsIt) {
  std::uint32_t seed = 7;
  const auto next = [&](std::uint32_t below) {
    seed = seed * 1664525U + 1013904223U;
    return static_cast<int>((seed >> 8) % below);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<ModbusField> fields;
    for (int i = next(31) + 1; i > 0; --i) {
      const auto table = static_cast<ModbusTable>(next(4));
      fields.push_back(
          field(table, next(300), is_bit(table) ? kBit : static_cast<ModbusType>(next(8))));
    }
    std::multiset<std::size_t> held;
    for (const auto& r : plan_requests(fields, round % 2 == 1)) {
      EXPECT_LE(r.count, is_bit(r.table) ? 2000 : 125);
      for (const std::size_t i : r.fields) {
        held.insert(i);
        EXPECT_EQ(fields[i].table, r.table);
        EXPECT_GE(fields[i].address, r.address);
        EXPECT_LE(fields[i].address + width(fields[i].type), r.address + r.count);
      }
    }
    EXPECT_EQ(held.size(), fields.size());
    EXPECT_EQ(std::set(held.begin(), held.end()).size(), fields.size());
  }
}

}  // namespace
}  // namespace lotmark::agent

// Amounts in units of UN/ECE Recommendation 20, compared exactly: as fractions of whole numbers, so that nothing is
// rounded. Only the units that the made events use; the table was written from Recommendation 20, for these tests.

/** A decimal number as [numerator, denominator]. */
function fraction(number) {
  const found = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/i.exec(String(number));
  if (!found) throw new Error(`no decimal number: ${number}`);
  const [, sign, whole, part = "", power = "0"] = found;
  const places = part.length - Number(power);
  const digits = BigInt(sign + whole + part);
  return places >= 0 ? [digits, 10n ** BigInt(places)] : [digits * 10n ** BigInt(-places), 1n];
}

const times = ([a, b], [c, d]) => [a * c, b * d];
const plus = ([a, b], [c, d]) => [a * d + c * b, b * d];
const one = [1n, 1n];
const none = [0n, 1n];

// An amount in the first unit of its line is factor * (number + zero).
const LINES = [
  { KEL: [one, none], CEL: [one, fraction("273.15")], FAH: [[5n, 9n], fraction("459.67")] },
  { KGM: [one, none], GRM: [fraction("0.001"), none], TNE: [fraction("1000"), none], LBR: [fraction("0.45359237"), none] },
  { PAL: [one, none], KPA: [fraction("1000"), none], MBR: [fraction("100"), none], BAR: [fraction("100000"), none] },
  { LTR: [one, none], MLT: [fraction("0.001"), none], MTQ: [fraction("1000"), none] },
  { MTR: [one, none], CMT: [fraction("0.01"), none], FOT: [fraction("0.3048"), none] },
];

/**
 * Less than, equal to or greater than 0 as left is to right; null where they cannot be compared. A unit of none is that
 * of instances counted. `isDifference`: a deviation has no zero point.
 */
export function order(left, leftUnit, right, rightUnit, isDifference = false) {
  let [l, r] = [fraction(left), fraction(right)];
  if (leftUnit !== rightUnit) {
    const line = LINES.find((units) => leftUnit in units && rightUnit in units);
    if (!line) return null;
    const inFirst = (amount, [factor, zero]) => times(factor, isDifference ? amount : plus(amount, zero));
    [l, r] = [inFirst(l, line[leftUnit]), inFirst(r, line[rightUnit])];
  }
  const difference = l[0] * r[1] - r[0] * l[1];
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const unitsLike = (unit) => Object.keys(LINES.find((units) => unit in units) ?? { [unit]: 0 });

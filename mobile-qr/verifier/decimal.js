// Values stay integers until people read them: v * 10^exp.

/** v * 10^exp as an exact decimal. */
export function decimal(value, exp) {
  if (exp >= 0) return `${value}${value === 0 ? "" : "0".repeat(exp)}`;
  const digits = String(Math.abs(value)).padStart(1 - exp, "0");
  const sign = value < 0 ? "-" : "";
  return `${sign}${digits.slice(0, exp)}.${digits.slice(exp)}`;
}

// Numbers drawn from one seed, so that a run can be had again.

/** xorshift128 (Marsaglia 2003) from a 32-bit seed. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 0xb7e15162];
    for (let i = 0; i < 20; i++) this.#next();
  }

  #next() {
    const [x, y, z, w] = this.#state;
    const t = x ^ (x << 11);
    const drawn = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    this.#state = [y, z, w, drawn];
    return drawn;
  }

  /** A whole number from `from` to `to`, both included. */
  number(from, to) {
    return from + (this.#next() % (to - from + 1));
  }
  /** True in `percent` of 100 cases. */
  chance(percent) {
    return this.number(1, 100) <= percent;
  }
  of(list) {
    return list[this.number(0, list.length - 1)];
  }
  /** `from` to `to` different ones of a list, in any order. */
  some(list, from, to) {
    const rest = [...list];
    const out = [];
    for (let left = this.number(from, Math.min(to, list.length)); left > 0; left--)
      out.push(...rest.splice(this.number(0, rest.length - 1), 1));
    return out;
  }
}

// SHA-256 as FIPS 180-4 has it, of a text in UTF-8. The browser's own is missing on plain http, where many a school serves inside its walls;
// one way for all browsers is worth more than speed, since an answer is a few hundred bytes.
"use strict";
const sha256 = (() => {
  const primes = [];
  for (let number = 2; primes.length < 64; number++) if (primes.every((prime) => number % prime)) primes.push(number);
  const fraction = (value) => Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
  const rounds = primes.map((prime) => fraction(Math.cbrt(prime)));
  const first = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const turn = (word, by) => (word >>> by) | (word << (32 - by));

  function take(hash, words) { // one block of 64 bytes
    for (let at = 16; at < 64; at++) {
      const early = words[at - 15], late = words[at - 2];
      words[at] = words[at - 16] + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + words[at - 7] + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let at = 0; at < 64; at++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[at] + words[at]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => { hash[at] += word; });
  }

  return (text) => {
    const bytes = new TextEncoder().encode(text), size = ((bytes.length + 72) >> 6) << 6; // a bit, and the length in 8 bytes, in whole blocks
    const data = new DataView(new ArrayBuffer(size)), hash = Int32Array.from(first), words = new Int32Array(64);
    new Uint8Array(data.buffer).set(bytes);
    data.setUint8(bytes.length, 0x80);
    data.setUint32(size - 4, bytes.length * 8);
    for (let block = 0; block < size; block += 64) {
      for (let at = 0; at < 16; at++) words[at] = data.getInt32(block + 4 * at);
      take(hash, words);
    }
    return [...hash].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };
})();

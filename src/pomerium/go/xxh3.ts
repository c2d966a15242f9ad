/*
 * XXH3, 64 bits, seed 0, for inputs of more than 16 bytes (the XXH3 specification, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
 * Pomerium names routes by it, and the names stand in its logs and key its stored upstream tokens.
 */

const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);

const MASK = (1n << 64n) - 1n;
const PRIME32 = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn] as const;
const PRIME64 = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;

const multiply = (a: bigint, b: bigint): bigint => (a * b) & MASK;

/** 64 x 64 bits, the halves of the product folded onto each other. */
function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

const mix16 = (input: Buffer, at: number, secret: number): bigint =>
  fold(
    input.readBigUInt64LE(at) ^ SECRET.readBigUInt64LE(secret),
    input.readBigUInt64LE(at + 8) ^ SECRET.readBigUInt64LE(secret + 8),
  );

function avalanche(hash: bigint): bigint {
  const mixed = multiply(hash ^ (hash >> 37n), 0x165667919e3779f9n);
  return mixed ^ (mixed >> 32n);
}

/** 17 to 128 bytes. */
function hashMedium(input: Buffer): bigint {
  let sum = multiply(BigInt(input.length), PRIME64[0]);
  for (let i = Math.ceil(input.length / 32) - 1; i >= 0; i--) {
    sum += mix16(input, i * 16, i * 32) + mix16(input, input.length - (i + 1) * 16, i * 32 + 16);
  }
  return avalanche(sum & MASK);
}

/** 129 to 240 bytes. */
function hashLarge(input: Buffer): bigint {
  let sum = multiply(BigInt(input.length), PRIME64[0]);
  for (let i = 0; i < 8; i++) sum += mix16(input, i * 16, i * 16);
  sum = avalanche(sum & MASK);
  for (let i = 8; i < Math.floor(input.length / 16); i++) sum += mix16(input, i * 16, (i - 8) * 16 + 3);
  sum += mix16(input, input.length - 16, 136 - 17);
  return avalanche(sum & MASK);
}

const STRIPE = 64;
const STRIPES_IN_BLOCK = (SECRET.length - STRIPE) / 8;

function accumulate(lanes: bigint[], input: Buffer, at: number, secret: number): void {
  for (let i = 0; i < 8; i++) {
    const value = input.readBigUInt64LE(at + i * 8);
    const key = value ^ SECRET.readBigUInt64LE(secret + i * 8);
    lanes[i ^ 1] = ((lanes[i ^ 1] ?? 0n) + value) & MASK;
    lanes[i] = ((lanes[i] ?? 0n) + (key & 0xffffffffn) * (key >> 32n)) & MASK;
  }
}

function scramble(lanes: bigint[]): void {
  for (let i = 0; i < 8; i++) {
    const lane = lanes[i] ?? 0n;
    lanes[i] = multiply(lane ^ (lane >> 47n) ^ SECRET.readBigUInt64LE(SECRET.length - STRIPE + i * 8), PRIME32[0]);
  }
}

/** More than 240 bytes. */
function hashLong(input: Buffer): bigint {
  const lanes = [PRIME32[2], ...PRIME64.slice(0, 4), PRIME32[1], PRIME64[4], PRIME32[0]];
  const stripes = Math.floor((input.length - 1) / STRIPE);
  for (let i = 0; i < stripes; i++) {
    accumulate(lanes, input, i * STRIPE, (i % STRIPES_IN_BLOCK) * 8);
    if (i % STRIPES_IN_BLOCK === STRIPES_IN_BLOCK - 1) scramble(lanes);
  }
  accumulate(lanes, input, input.length - STRIPE, SECRET.length - STRIPE - 7);
  let sum = multiply(BigInt(input.length), PRIME64[0]);
  for (let i = 0; i < 4; i++) {
    const secret = 11 + i * 16;
    sum += fold(
      (lanes[i * 2] ?? 0n) ^ SECRET.readBigUInt64LE(secret),
      (lanes[i * 2 + 1] ?? 0n) ^ SECRET.readBigUInt64LE(secret + 8),
    );
  }
  return avalanche(sum & MASK);
}

/** The hash's 16 hexadecimal digits. The input must have more than 16 bytes. */
export function xxh3(input: Buffer): string {
  const hash = input.length <= 128 ? hashMedium(input) : input.length <= 240 ? hashLarge(input) : hashLong(input);
  return hash.toString(16).padStart(16, '0');
}

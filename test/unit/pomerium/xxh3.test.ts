import { expect, test } from 'vitest';
import { xxh3 } from '../../../src/pomerium/go/xxh3.ts';

/** Made with github.com/zeebo/xxh3 v1.0.2 from the bytes (7 i + length) mod 256. */
const KNOWN: readonly (readonly [number, string])[] = [
  [17, '621f018aad19b14a'],
  [32, '8911535e799e4d99'],
  [33, 'b6d8b523db9b284c'],
  [64, '1b1bf114c7371f1b'],
  [65, 'f0037f8ac0441cc4'],
  [96, 'cfb21e0d09d8ef29'],
  [97, 'e1415ca7902a74da'],
  [128, 'e9549af9a74093e6'],
  [129, 'b54ad1cd8a4c84b9'],
  [130, '52dc6001473ca9cb'],
  [144, '3f50ca07e0dcde52'],
  [200, '660156a92b43203f'],
  [240, '3e136902ec966624'],
  [241, 'bd7d29b6ba966d6a'],
  [256, 'ff5a1cefade75bb9'],
  [257, '78ebbc62dbd8326d'],
  [320, '1a53d8c9504de446'],
  [1023, '0805f138405a64a4'],
  [1024, 'dc5acf0b043c445b'],
  [1025, 'c856c953bbdbc807'],
  [1088, '1abb96b061cd5757'],
  [2048, '848d24cc268f7498'],
  [3000, 'b751069dffeae2cf'],
];

test.each(KNOWN)('%i bytes', (length, hash) => {
  expect(xxh3(Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) % 256)))).toBe(hash);
});

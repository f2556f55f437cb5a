// The 32-bit murmur2 hash with Kafka's seed, which decides the partition of a key in every Kafka
// client, so that records with one key meet in one partition whoever produced them.

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

export function murmur2(data: Uint8Array): number {
  let hash = seed ^ data.byteLength;
  const words = data.byteLength >> 2;
  for (let i = 0; i < words; i++) {
    const at = i * 4;
    let word = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    word = Math.imul(word, multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  const tail = words * 4;
  const left = data.byteLength & 3;
  if (left === 3) hash ^= data[tail + 2]! << 16;
  if (left >= 2) hash ^= data[tail + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ data[tail]!, multiplier);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  hash ^= hash >>> 15;
  return hash;
}

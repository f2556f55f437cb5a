// Reads ASN.1 in DER, and the indefinite lengths of BER that some PKCS12 writers use: as much as
// key stores need. Every length is checked against what is there.

import { StoreError } from "./store-error.ts";

export interface DerNode {
  /** The whole identifier byte. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** The bytes of the whole node. */
  readonly bytes: Uint8Array;
}

export const tags = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context0Primitive: 0x80,
  constructedOctetString: 0x24,
} as const;

export function readNode(bytes: Uint8Array, tag?: number): DerNode {
  const node = nodeAt(bytes, 0, 0);
  if (tag !== undefined) expectTag(node, tag);
  return node;
}

export function childrenOf(node: DerNode, depth = 0): DerNode[] {
  const children: DerNode[] = [];
  for (let at = 0; at < node.content.byteLength; ) {
    const child = nodeAt(node.content, at, depth);
    children.push(child);
    at += child.bytes.byteLength;
  }
  return children;
}

/** The child at an index, which has to be there and to have this tag. */
export function childAt(node: DerNode, index: number, tag: number): DerNode {
  const child = childrenOf(node)[index];
  if (child === undefined) throw malformed("a part is missing");
  return expectTag(child, tag);
}

/** The bytes of an octet string, also of one that is split into parts. */
export function octets(node: DerNode): Uint8Array {
  if (node.tag === tags.octetString || node.tag === tags.context0Primitive) return node.content;
  if (node.tag !== tags.constructedOctetString && node.tag !== tags.context0) {
    throw malformed("an octet string was expected");
  }
  return Buffer.concat(childrenOf(node).map(octets));
}

export function integer(node: DerNode): number {
  expectTag(node, tags.integer);
  if (node.content.byteLength > 6) throw malformed("a number is too large");
  return node.content.reduce((value, byte) => value * 256 + byte, 0);
}

/** In dotted form. */
export function oid(node: DerNode): string {
  expectTag(node, tags.oid);
  const parts: number[] = [];
  let value = 0;
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (parts.length === 0) parts.push(Math.min(2, Math.floor(value / 40)), value % 40);
    else parts.push(value);
    if (parts.length === 2 && parts[0] === 2) parts[1] = value - 80;
    value = 0;
  }
  return parts.join(".");
}

export function expectTag(node: DerNode, tag: number): DerNode {
  if (node.tag !== tag) throw malformed(`found tag ${node.tag} where ${tag} was expected`);
  return node;
}

export function malformed(what: string): StoreError {
  return new StoreError("content", `it is damaged or no PKCS12 store: ${what}`);
}

const maxDepth = 32;

function nodeAt(bytes: Uint8Array, start: number, depth: number): DerNode {
  if (depth > maxDepth) throw malformed("it is nested too deeply");
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw malformed("it ends too early");
  if (first === 0x80) return indefiniteNodeAt(bytes, start, tag, depth);
  let at = start + 2;
  let length = first;
  if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 4) throw malformed("a length is too large");
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[at++] ?? 0);
  }
  if (at + length > bytes.byteLength) throw malformed("it ends too early");
  return {
    tag,
    content: bytes.subarray(at, at + length),
    bytes: bytes.subarray(start, at + length),
  };
}

/** Ends with two zero bytes instead of having a length. */
function indefiniteNodeAt(bytes: Uint8Array, start: number, tag: number, depth: number): DerNode {
  let at = start + 2;
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) {
    at += nodeAt(bytes, at, depth + 1).bytes.byteLength;
  }
  return { tag, content: bytes.subarray(start + 2, at), bytes: bytes.subarray(start, at + 2) };
}

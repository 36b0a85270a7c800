// Classic BPF as seccomp(2) takes it: struct sock_filter of linux/filter.h, eight bytes each, in the machine's byte
// order, which is little-endian on every architecture that is supported here.

const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const JUMP_IF_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

export interface Instruction {
  code: number;
  /** How many instructions are jumped over when the condition holds, and when it does not; 0 to 255. */
  whenTrue: number;
  whenFalse: number;
  operand: number;
}

const plain = (code: number, operand: number): Instruction => ({ code, whenTrue: 0, whenFalse: 0, operand });

export const load = (offset: number) => plain(LOAD_WORD, offset);
export const and = (mask: number) => plain(AND, mask);
export const give = (verdict: number) => plain(RETURN, verdict);

const jump = (code: number) => (operand: number, whenTrue: number, whenFalse: number) =>
  ({ code, whenTrue, whenFalse, operand }) satisfies Instruction;
export const ifEqual = jump(JUMP_IF_EQUAL);
export const ifAtLeast = jump(JUMP_IF_AT_LEAST);
export const ifAnyBit = jump(JUMP_IF_ANY_BIT);

export function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [i, { code, whenTrue, whenFalse, operand }] of instructions.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(whenTrue, i * 8 + 2);
    bytes.writeUInt8(whenFalse, i * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, i * 8 + 4);
  }
  return bytes;
}

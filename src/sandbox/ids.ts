/** Under which number does each system know employee i? Four different ones; each can be read back. */
export const personNo = (index: number): string => `3${String(index).padStart(9, '0')}`;
export const empNo = (index: number): string => `E${String(index + 1).padStart(6, '0')}`;
export const userId = (index: number): string => `u-${index.toString(36)}`;
export const memberId = (index: number): string => `M${100_000 + index}`;
export const orderNo = (index: number, number: number): string => `BJ${100_000 + index}-${number}`;

export function indexOfPersonNo(text: string): number | null {
  return /^3\d{9}$/.test(text) ? Number(text.slice(1)) : null;
}

export function indexOfEmpNo(text: string): number | null {
  return /^E\d{6,7}$/.test(text) ? checked(Number(text.slice(1)) - 1, text, empNo) : null;
}

export function indexOfUserId(text: string): number | null {
  return /^u-[0-9a-z]{1,6}$/.test(text) ? checked(Number.parseInt(text.slice(2), 36), text, userId) : null;
}

export function indexOfMemberId(text: string): number | null {
  return /^M\d{6,8}$/.test(text) ? checked(Number(text.slice(1)) - 100_000, text, memberId) : null;
}

export function placeOfOrderNo(text: string): { readonly index: number; readonly number: number } | null {
  const match = /^BJ(\d{6,8})-(\d)$/.exec(text);
  return match && Number(match[1]) >= 100_000 ? { index: Number(match[1]) - 100_000, number: Number(match[2]) } : null;
}

function checked(index: number, text: string, write: (index: number) => string): number | null {
  return index >= 0 && write(index) === text ? index : null;
}
